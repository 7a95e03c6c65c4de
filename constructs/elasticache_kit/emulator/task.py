"""A task of ECS as a process of this machine: its command, in the folder of its image, with what it would be told.

What a container has of its own, its files, its user, its limits, is not there: the program runs with this Python and
its packages.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from elasticache_kit.emulator.credential_endpoint import CredentialEndpoint
from elasticache_kit.emulator.fleet.launcher import die_with
from elasticache_kit.emulator.local_environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticache_kit.emulator.task_definition import Container

# Of this process's variables a task sees what a program needs to run at all.
INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "TERM", "TMPDIR", "TZ", "USER")
# A profile of the user's own must neither lead elsewhere nor be missing: botocore reads no variable for these.
OWN_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What shells add to the number of the signal that ended a program.
SIGNALLED = 128
_ARN_PARTS = 7


class Account:
    """An account of an emulator that runs in another process.

    Args:
        endpoint_url: where it answers.
        region: the Region to play.
        ca_file: what clients trust; None where no engines run.
    """

    def __init__(self, endpoint_url: str, region: str, ca_file: str | None) -> None:
        self.endpoint_url, self.region, self.ca_file = endpoint_url, region, ca_file
        self._session: Any = boto3.Session(botocore_session=botocore.session.Session(session_vars=OWN_FILES))

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """Return a boto3 client that leads there and nowhere else, with credentials that open nothing when omitted."""
        given = credentials or {"AccessKeyId": ACCESS_KEY_ID, "SecretAccessKey": SECRET_ACCESS_KEY}
        return self._session.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
            config=Config(proxies={}),
        )


def run(account: Account, container: Container, folder: Path, command: Sequence[str] = ()) -> int:
    """Run a container's command in the foreground and return its exit code, which is 128 + n after signal n.

    Args:
        account: where it was deployed.
        container: the container.
        folder: where it runs.
        command: what runs in the place of its own command.

    Raises:
        EmulatorError: it has no command, its program is not there, or one of its secrets cannot be read.
    """
    argv = [*(command or container.command)]
    if not argv:
        raise EmulatorError(
            f"The container {container.name} of {container.task_definition} has no command: what its image would run "
            "is not known here. Say it in the task definition, or after `--`."
        )
    with ExitStack() as stack:
        endpoint: CredentialEndpoint | None = None
        if container.task_role is not None:
            endpoint = stack.enter_context(CredentialEndpoint(container.task_role, partial(account.client, "sts")))
        environment = environment_of(account, container, endpoint)
        try:
            # A session of its own: a signal that ends it reaches what it has started, too.
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),  # noqa: PLW1509 - no other thread runs yet
            )
        except OSError as error:
            raise EmulatorError(
                f"{argv[0]}, the program of {container.name}, cannot be run in {folder}: {error.strerror}. It is "
                "looked for beside this Python, where an image has its packages, and then on PATH."
            ) from error
        if endpoint is not None:
            endpoint.begin()
        return _wait(process, container.stop_seconds)


def environment_of(account: Account, container: Container, endpoint: CredentialEndpoint | None) -> dict[str, str]:
    """Return the variables of a task.

    Args:
        account: where it was deployed.
        container: the container.
        endpoint: where it gets the credentials of its role; None without a role.

    Raises:
        EmulatorError: a secret cannot be read; with all that cannot.
    """
    kept = {name: value for name, value in os.environ.items() if name in INHERITED}
    said = {**container.environment, **_secrets(account, container)}
    # A task must not be led out of the emulator by its own environment, for one service neither.
    own = {name: value for name, value in said.items() if not name.startswith("AWS_ENDPOINT_URL")}
    trusted: dict[str, str] = {}
    if account.ca_file is not None:
        caches = [name.removesuffix("TLS") for name in own if name.endswith("_TLS")]
        trusted = {
            "SSL_CERT_FILE": account.ca_file,
            "PGSSLROOTCERT": account.ca_file,
            **{f"{prefix}CA_FILE": account.ca_file for prefix in caches if f"{prefix}ENDPOINT" in own},
        }
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AWS_REGION": account.region,
        "AWS_DEFAULT_REGION": account.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **(endpoint.environment if endpoint is not None else {}),
        **own,
        # Last: it trusts what answers here, whatever it trusts on AWS.
        **trusted,
        "AWS_ENDPOINT_URL": account.endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _secrets(account: Account, container: Container) -> dict[str, str]:
    if not container.secrets:
        return {}
    if container.execution_role is None:
        raise EmulatorError(f"{container.task_definition} has no execution role, and secrets are read by it.")
    problems: list[str] = []
    values: dict[str, str] = {}
    session = account.client("sts").assume_role(RoleArn=container.execution_role, RoleSessionName="secrets")
    for name, place in container.secrets.items():
        try:
            values[name] = _secret(partial(account.client, credentials=session["Credentials"]), place)
        except (ClientError, ValueError, KeyError, TypeError) as error:
            said = error if isinstance(error, ClientError) else "it has no such key"
            problems.append(f"{name} from {place}: {said}")
    if problems:
        raise EmulatorError("\n".join([f"secrets of {container.name} cannot be read:", *problems]))
    return values


def _secret(client: Any, place: str) -> str:
    """Read a secret, see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html."""
    pieces = place.split(":")
    if len(pieces) < _ARN_PARTS or pieces[2] != "secretsmanager":
        path = place.partition(":parameter/")[2] or place
        # The ARN of `/shop/word` has one slash less than one would think, and that of `word` has it too.
        name = f"/{path}" if path != place and "/" in path else path
        return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    key, stage, version = (*pieces[_ARN_PARTS:], "", "", "")[:3]
    chosen = {"VersionStage": stage, "VersionId": version}
    held = client("secretsmanager").get_secret_value(
        SecretId=":".join(pieces[:_ARN_PARTS]), **{member: value for member, value in chosen.items() if value}
    )
    return str(json.loads(held["SecretString"])[key]) if key else str(held["SecretString"])


def _wait(process: subprocess.Popen[bytes], stop_seconds: int) -> int:
    """Wait for the end of a task; a signal to this process stops it as ECS does: SIGTERM, and SIGKILL when it is late.

    A second signal does not wait.
    """
    late = threading.Timer(stop_seconds, _signal, (process, signal.SIGKILL))
    late.daemon = True

    def stop(*_: object) -> None:
        if late.is_alive():
            _signal(process, signal.SIGKILL)
        else:
            late.start()
            _signal(process, signal.SIGTERM)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        status = process.wait()
    finally:
        late.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else SIGNALLED - status


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # Whoever ended by himself meanwhile has no group any more.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
