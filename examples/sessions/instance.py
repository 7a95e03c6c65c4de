"""An instance of the shop as a process of this machine, with the environment of the deployed task definition."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3

from elasticache_kit.errors import ElastiCacheKitError

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
PATIENCE_SECONDS = 30
POLL_SECONDS = 0.05
LOG_LINES = 20


class InstanceError(ElastiCacheKitError):
    """An instance did not start."""


def task_environment(local: Mapping[str, str], task_definition: str, role: str) -> dict[str, str]:
    """Return the environment that ECS would give the container: its variables, and credentials of the task's role.

    Args:
        local: the environment that leads to the local ElastiCache.
        task_definition: the ARN of the task definition.
        role: the ARN of its task role, which moto does not keep with it.
    """
    found: Any = client("ecs", local).describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    (container,) = found["containerDefinitions"]
    given = client("sts", local).assume_role(RoleArn=role, RoleSessionName="shop")["Credentials"]
    return {
        **local,
        **{item["name"]: item["value"] for item in container["environment"]},
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def client(service: str, local: Mapping[str, str]) -> Any:
    """Return a client of the local AWS, whatever this process is signed in to."""
    return boto3.client(
        service,
        endpoint_url=local["AWS_ENDPOINT_URL"],
        region_name=local["AWS_REGION"],
        aws_access_key_id=local["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=local["AWS_SECRET_ACCESS_KEY"],
    )


@contextmanager
def instances(names: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Generator[list[int]]:
    """Run instances while the block lasts, and give the ports that they listen at.

    Args:
        names: what they call themselves.
        environment: what each of them gets.
        log: the folder that takes what they say.

    Raises:
        InstanceError: one does not answer; the message has the end of what it said.
    """
    with ExitStack() as stack:
        started = [(name, stack.enter_context(_instance(name, environment, log / f"{name}.log"))) for name in names]
        for name, (port, process) in started:
            _await(port, process, log / f"{name}.log")
        yield [port for _, (port, _) in started]


@contextmanager
def _instance(name: str, environment: Mapping[str, str], log: Path) -> Generator[tuple[int, subprocess.Popen[bytes]]]:
    # The socket is opened here, so that its port is known and nobody else's before the process is there.
    with socket.socket() as listening, log.open("wb") as said:
        listening.bind((HOST, 0))
        descriptor = listening.fileno()
        command = ["uvicorn", "--factory", "examples.sessions.shop:create", "--fd", str(descriptor)]
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT, env={**environment, "INSTANCE": name}, pass_fds=(descriptor,), stdout=said, stderr=said,
        )  # fmt: skip
        try:
            yield listening.getsockname()[1], process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with opener.open(f"http://{HOST}:{port}/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    lines = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
    raise InstanceError("\n".join([f"the instance at port {port} does not answer:", *lines]))
