"""Where a task asks for the credentials of its role, as in ECS.

See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
POLL_SECONDS = 0.05
SESSION = "run-task"


class CredentialEndpoint(ThreadingHTTPServer):
    """Answers on a loopback port, and only whoever knows its token; the role is assumed anew each time.

    Args:
        role_arn: the role.
        sts: makes the client that assumes it.
    """

    daemon_threads = True

    def __init__(self, role_arn: str, sts: Callable[[], Any]) -> None:
        super().__init__((HOST, 0), _Answer)
        self.role_arn, self._sts = role_arn, sts
        self.token = secrets.token_urlsafe(24)
        self._thread = threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        """What leads an SDK here."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{HOST}:{self.server_port}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.token,
        }

    def credentials(self) -> dict[str, str]:
        """Assume the role.

        Raises:
            botocore.exceptions.ClientError: STS refuses.
        """
        made = self._sts().assume_role(RoleArn=self.role_arn, RoleSessionName=SESSION)["Credentials"]
        return {
            "RoleArn": self.role_arn,
            "AccessKeyId": made["AccessKeyId"],
            "SecretAccessKey": made["SecretAccessKey"],
            "Token": made["SessionToken"],
            "Expiration": made["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def begin(self) -> None:
        """Answer from now on. A process that was started before asks, and waits."""
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer as the agent of ECS does."""
        endpoint = self.server
        assert isinstance(endpoint, CredentialEndpoint)  # noqa: S101 - who made this
        known = hmac.compare_digest(self.headers.get("Authorization", "").encode(), endpoint.token.encode())
        status, answer = 403, {"code": "AccessDenied", "message": "the token is another one"}
        if known:
            try:
                status, answer = 200, endpoint.credentials()
            except ClientError as error:
                status, answer = 400, {"code": "RoleRefused", "message": str(error)}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature that the server calls
        """Say nothing."""
