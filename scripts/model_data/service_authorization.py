"""Which resources an IAM action can be about, as cfn-lint carries AWS's Service Authorization Reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import cast

from elasticache_kit.model.permission import actions, names
from elasticache_kit.model.permission.scope import KINDS

_ABOUT = {
    "actions": "the types of resources that IAM lets a policy name for an action, required and optional ones alike; "
    "none: the action is about no resource",
    "resources": "the form of the ARNs of the types that a policy here names",
    "made": "whole by `make model-data`, for the actions of model/permission/command.py",
}
# Types that nobody names, and that actions here are about all the same.
_FURTHER = (
    "elasticache:serverlesscache",
    "elasticache:subnetgroup",
    "elasticache:usergroup",
    "fis:experiment",
)


def document() -> dict[str, object]:
    """Return the content of `authorization.json`."""
    needed = sorted({action for command in names() for action in actions(command)})
    types = sorted({name for kind in KINDS.values() for name in kind} | set(_FURTHER))
    return {
        "about": _ABOUT,
        "sources": {
            "SAR": f"AWS Service Authorization Reference as shipped in cfn-lint {version('cfn-lint')} "
            "(data/AdditionalSpecs/Policies.json), SAR:<service>; "
            "https://docs.aws.amazon.com/service-authorization/latest/reference/"
        },
        "resources": {name: {"arn": _arn(name), "source": [f"SAR:{_service(name)}"]} for name in types},
        "actions": {name: {"resources": _resources(name), "source": [f"SAR:{_service(name)}"]} for name in needed},
    }


def _service(name: str) -> str:
    return name.partition(":")[0]


def _resources(action: str) -> list[str]:
    service, _, name = action.partition(":")
    found = cast("Mapping[str, Mapping[str, list[str]]]", _policies()[service]["Actions"])
    return found[name.lower()].get("Resources", [])


def _arn(name: str) -> str:
    service, _, kind = name.partition(":")
    found = cast("Mapping[str, Mapping[str, list[str]]]", _policies()[service]["Resources"])
    (text,) = found[kind]["ARNFormats"]
    return text.replace(".*", "${Name}")


@cache
def _policies() -> Mapping[str, Mapping[str, object]]:
    text = files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, object]]", json.loads(text))
