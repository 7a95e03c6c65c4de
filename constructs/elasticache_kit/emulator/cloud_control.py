"""The Cloud Control API, which moto lacks: GetResource and ListResources of ElastiCache's types; it changes nothing.

The CDK CLI asks it where a construct looks a cache up (`from_lookup`).
https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResource.html
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.resource_model import TYPES, ResourceType

logger = logging.getLogger(__name__)

TARGET = "CloudApiService."
MOST = 100
# What SigV4 says of a request: access key, day, region, service.
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")

Answer = dict[str, Any]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve(application: Application) -> Application:
    """Answer the requests that are for Cloud Control, and leave the others to another application."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if not target.startswith(TARGET):
            return application(environ, start_response)
        status, body = _answer(target.removeprefix(TARGET), environ)
        start_response(status, [("Content-Type", "application/x-amz-json-1.0")])
        return [json.dumps(body).encode()]

    return answer


def _answer(action: str, environ: Mapping[str, Any]) -> tuple[str, Answer]:
    try:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        request: Any = json.loads(environ["wsgi.input"].read(size) or b"{}")
        return "200 OK", _action(action)(_region(environ.get("HTTP_AUTHORIZATION", "")), request)
    except Fault as fault:
        return "400 Bad Request", {"__type": fault.code, "message": fault.message}
    except Exception as defect:
        # As in `response`: the log has the traceback, the client an answer that no SDK tries again for a minute.
        logger.exception("Cloud Control %s", action)
        message = f"The local emulator failed at {action}: {defect!r}. Its log says where."
        return "400 Bad Request", {"__type": "GeneralServiceException", "message": message}


def _action(name: str) -> Callable[[Any, Mapping[str, Any]], Answer]:
    if name in ACTIONS:
        return ACTIONS[name]
    raise Fault(
        "UnsupportedActionException",
        f"{name} is not implemented by the local emulator: it serves {' and '.join(ACTIONS)}.",
    )


def _get_resource(region: Any, request: Mapping[str, Any]) -> Answer:
    name, identifier = str(request.get("TypeName")), str(request.get("Identifier"))
    properties = _type(name).read(region, identifier)
    if properties is None:
        raise Fault(
            "ResourceNotFoundException",
            f"Resource of type '{name}' with identifier '{identifier}' was not found.",
        )
    return {"TypeName": name, "ResourceDescription": _description(_type(name), properties)}


def _list_resources(region: Any, request: Mapping[str, Any]) -> Answer:
    kind = _type(str(request.get("TypeName")))
    size = min(int(request.get("MaxResults") or MOST), MOST)
    names = kind.names(region)
    after = request.get("NextToken")
    if after is not None and after not in names:
        raise Fault("InvalidRequestException", f"NextToken {after} is invalid.")
    start = names.index(after) + 1 if after is not None else 0
    shown = names[start : start + size]
    found = [kind.read(region, name) for name in shown]
    return {
        "TypeName": request.get("TypeName"),
        "ResourceDescriptions": [_description(kind, item) for item in found if item is not None],
        **({"NextToken": shown[-1]} if start + size < len(names) else {}),
    }


ACTIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], Answer]] = {
    "GetResource": _get_resource,
    "ListResources": _list_resources,
}


def _description(kind: ResourceType, properties: Mapping[str, Any]) -> Answer:
    return {"Identifier": properties[kind.identifier], "Properties": json.dumps(properties)}


def _type(name: str) -> ResourceType:
    if name in TYPES:
        return TYPES[name]
    if name.startswith("AWS::"):
        raise Fault(
            "UnsupportedActionException",
            f"Resource type {name} is not served by the local Cloud Control, which knows {', '.join(TYPES)}.",
        )
    raise Fault("TypeNotFoundException", f"The type '{name}' cannot be found.")


def _region(authorization: str) -> Any:
    """Return the region's state that a request is about, as its signature says."""
    scope = _SCOPE.search(authorization)
    if scope is None:
        raise Fault("InvalidCredentialsException", "The request is not signed, so nobody knows which region it means.")
    from moto.iam.models import get_account_id_from  # noqa: PLC0415 - IAM costs a tenth of a second that others keep

    key, region = scope.groups()
    return cast("Any", elasticache_backends[get_account_id_from(key)][region]).region
