"""Lambda functions of the emulator: Python code runs in a process of its own, for which moto asks Docker."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.local_environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

RUNNER = Path(__file__).with_name("lambda_runner.py")
# moto's stand-in: the answer, whether it is an error, and what the function wrote.
Outcome = tuple[str, bool, str]


def invoke(function: LambdaFunction, event: object = None) -> Outcome:
    """Run a function once and return what Lambda answers; what it wrote goes to its log group.

    It runs with this Python whatever its runtime's version is, without a sandbox, with credentials that open nothing,
    and with every AWS service led to this emulator. A network of its own, layers and images are not emulated.
    """
    refusal = _refusal(function)
    if refusal:
        return json.dumps({"errorMessage": refusal, "errorType": "NotEmulated"}), True, ""
    with tempfile.TemporaryDirectory(prefix="elasticache-kit-function-") as name:
        folder = Path(name)
        zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(folder / "task")
        # It may call this emulator while it runs.
        with runtime.current().lifecycle.away():
            answer, errored, written = _run(function, folder, json.dumps({} if event is None else event))
    function.logs_backend.ensure_log_group(function.logs_group_name)
    function.save_logs(written)
    return answer, errored, written


def _refusal(function: LambdaFunction) -> str | None:
    kind = str(function.run_time or function.package_type)
    if not kind.startswith("python"):
        return f"The local emulator runs Python functions only, and {function.function_name} is {kind}."
    if function.layers:
        return f"The local emulator runs no layers, and {function.function_name} has some."
    return None


def _run(function: LambdaFunction, folder: Path, event: str) -> Outcome:
    answer, seconds = folder / "answer.json", int(function.timeout)
    command = [sys.executable, "-I", str(RUNNER), str(function.handler), str(seconds), str(answer)]
    with subprocess.Popen(
        command,
        cwd=folder / "task",
        env=_environment(function, folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        # stdin stays open for as long as the function runs: its end is what tells that the emulator is gone.
        process.stdin.write(event.encode() + b"\n")
        process.stdin.flush()
        try:
            written = _read_all(process, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            said = json.dumps({"errorMessage": f"Task timed out after {seconds:.2f} seconds"})
            return said, True, process.stdout.read().decode(errors="replace")
    if not answer.is_file():
        said = f"The process of {function.function_name} ended with status {process.returncode} and no answer."
        return json.dumps({"errorMessage": said, "errorType": "Runtime.ExitError"}), True, written
    return answer.read_text(encoding="utf-8"), process.returncode != 0, written


def _read_all(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Return what a process wrote once it has ended."""
    stdin, process.stdin = process.stdin, None  # communicate() would close it
    try:
        written, _ = process.communicate(timeout=seconds)
    finally:
        process.stdin = stdin
    return written.decode(errors="replace")


def _environment(function: LambdaFunction, folder: Path) -> dict[str, str]:
    running = runtime.current()
    own = {str(name): str(value) for name, value in function.environment_vars.items()}
    trusted = {"SSL_CERT_FILE": str(running.fleet.ca_file)} if running.fleet is not None else {}
    endpoint = {"AWS_ENDPOINT_URL": running.endpoint_url} if running.endpoint_url else {}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "ELASTICACHE_KIT_FUNCTION_ARN": function.function_arn,
        "ELASTICACHE_KIT_REQUEST_ID": str(uuid.uuid4()),
        **trusted,
        **own,
        # Last: a function must not be led out of the emulator by its own environment.
        **endpoint,
    }
