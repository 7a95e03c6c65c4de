"""RotateSecret, step by step: moto takes no notice of a function that fails, and forgets the function itself.

See https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from typing import TYPE_CHECKING, Any

from moto.awslambda.utils import get_backend
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
PENDING, CURRENT = "AWSPENDING", "AWSCURRENT"
FAILED = "x-amz-function-error"


def rotate_with(stock: Callable[..., str]) -> Callable[..., str]:
    """Return what takes the place of moto's own rotation, and leaves to it what it does as AWS."""

    def rotate_secret(  # noqa: PLR0917 - moto's signature
        backend: SecretsManagerBackend,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        found = backend.secrets.get(secret_id)
        arn = rotation_lambda_arn or str(getattr(found, "rotation_lambda_arn", ""))
        if not isinstance(found, FakeSecret) or found.is_deleted() or not found.versions or not arn:
            given = (secret_id, client_request_token, rotation_lambda_arn, rotation_rules, rotate_immediately)
            return stock(backend, *given)
        get_backend(backend.account_id, backend.region_name).get_function(arn)
        found.rotation_lambda_arn, found.rotation_requested = arn, True
        if rotation_rules:
            found.auto_rotate_after_days = int(rotation_rules.get("AutomaticallyAfterDays", 0))
        found.rotation_enabled = True
        if rotate_immediately:
            _rotate(found, arn, client_request_token)
        else:
            _try_out(found, arn)
        return found.to_short_dict()

    return rotate_secret


def _rotate(secret: FakeSecret, arn: str, token: str | None) -> None:
    """Run all steps over a new version, or over the one that a rotation before left pending."""
    token = _pending(secret) or token or str(uuid.uuid4())
    secret.versions.setdefault(token, _version(token))
    for step in STEPS:
        if not _run(secret, arn, token, step):
            # As on AWS: the pending version waits for the next attempt, the current one stays current.
            return
    if CURRENT in secret.versions[token]["version_stages"]:
        secret.set_default_version_id(token)
        secret.last_rotation_date = int(time.time())


def _try_out(secret: FakeSecret, arn: str) -> None:
    """Run testSecret over a version of the present text, which goes again: a schedule begins so."""
    token = str(uuid.uuid4())
    secret.versions[token] = {**_version(token), "secret_string": secret.secret_string}
    _run(secret, arn, token, "testSecret")
    del secret.versions[token]


def _run(secret: FakeSecret, arn: str, token: str, step: str) -> bool:
    headers: dict[str, str] = {}
    event = json.dumps({"Step": step, "SecretId": secret.arn, "ClientRequestToken": token})
    functions = get_backend(secret.account_id, secret.region)
    answer = functions.invoke(arn, qualifier=None, body=event, headers={}, response_headers=headers)
    if FAILED in headers:
        logger.warning("rotation of %s failed at %s: %s", secret.name, step, answer)
    return FAILED not in headers


def _pending(secret: FakeSecret) -> str | None:
    for token, version in secret.versions.items():
        if PENDING in version["version_stages"] and CURRENT not in version["version_stages"]:
            return token
    return None


def _version(token: str) -> dict[str, Any]:
    return {"createdate": int(time.time()), "version_id": token, "version_stages": [PENDING]}
