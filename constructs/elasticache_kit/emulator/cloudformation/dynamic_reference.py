"""Dynamic references of templates: `{{resolve:secretsmanager:...}}` and `{{resolve:ssm:...}}`.

They are filled in when a resource is made or changed and never kept: what a stack remembers is the reference.
See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator.cloudformation.template import TemplateError

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.service_resource import Place

_REFERENCE = re.compile(r"\{\{resolve:(ssm-secure|ssm|secretsmanager):([^{}]+)\}\}")
# Behind the name or ARN of a secret: the part that is meant, the key in its JSON, the stage, the version.
_SECRET = re.compile(r"(?P<id>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+|[^:]+)(?P<rest>(:[^:]*)*)")


def fill(value: Any, place: Place) -> Any:
    """Return a value with every dynamic reference in it replaced by what it stands for.

    Raises:
        TemplateError: a reference cannot be read, or what it names is not there.
        ServiceRefusedError: the service that holds it refused.
    """
    if isinstance(value, dict):
        return {key: fill(item, place) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [fill(item, place) for item in cast("list[Any]", value)]
    if not isinstance(value, str) or "{{resolve:" not in value:
        return value
    return _REFERENCE.sub(lambda match: _read(match[1], match[2], place), value)


def _read(service: str, reference: str, place: Place) -> str:
    if service == "secretsmanager":
        return _secret(reference, place)
    name, _, version = reference.partition(":")
    asked = f"{name}:{version}" if version else name
    found = place.call("ssm", "get_parameter", Name=asked, WithDecryption=service == "ssm-secure")
    return str(found["Parameter"]["Value"])


def _secret(reference: str, place: Place) -> str:
    parts = _SECRET.fullmatch(reference)
    if parts is None:
        raise TemplateError(f"Could not parse the dynamic reference to {reference}.")
    kind, key, stage, version = (*parts["rest"].split(":")[1:], "", "", "", "")[:4]
    if kind not in ("", "SecretString"):
        raise TemplateError(f"The dynamic reference to {parts['id']} asks for {kind}; only SecretString can be read.")
    held = place.call(
        "secretsmanager",
        "get_secret_value",
        SecretId=parts["id"],
        VersionStage=stage or None,
        VersionId=version or None,
    )
    text = str(held["SecretString"])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise TemplateError(f"Could not find a value for the JSON key {key} in the secret {parts['id']}.") from None
