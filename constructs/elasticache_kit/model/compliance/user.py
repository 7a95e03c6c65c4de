"""What a user should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from elasticache_kit.model.access_string import AccessRuleKind, AccessString, read
from elasticache_kit.model.compliance.resource import literal
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.compliance.resource import Check, Resource

_DEFAULT = "default"
_WITHOUT = "no-password-required"
_ALL_KEYS = {"~*", "allkeys", "%rw~*", "%wr~*"}
_ALL_COMMANDS = {"+@all", "allcommands"}
_RESET = {"reset", "resetkeys", "nocommands"}


def _password(user: Resource) -> Iterator[tuple[str, str]]:
    if _access(user).enabled and _is_without_password(user):
        yield "Properties.AuthenticationMode", "anybody signs in as this user, without a password"


def _default_user(user: Resource) -> Iterator[tuple[str, str]]:
    if known(user.get("UserName")) == _DEFAULT and _access(user).enabled:
        yield "Properties.AccessString", "a client that names no user is this one, and it may sign in"


def _rights(user: Resource) -> Iterator[tuple[str, str]]:
    access = _access(user)
    if access.enabled and _all_keys(access) and _all_commands(access):
        yield "Properties.AccessString", "it may do everything with every key, FLUSHALL and CONFIG included"


def _access(user: Resource) -> AccessString:
    text = known(user.get("AccessString"))
    if not isinstance(text, str):
        raise UndecidedError
    return read(text)


def _is_without_password(user: Resource) -> bool:
    mode = known(user.get("AuthenticationMode"))
    if isinstance(mode, Mapping):
        return known(literal(cast("Mapping[str, object]", mode).get("Type"))) == _WITHOUT
    return user.is_on("NoPasswordRequired")


def _all_keys(access: AccessString) -> bool:
    texts = [rule.text.lower() for rule in access.rules if rule.kind is AccessRuleKind.KEYS]
    return any(text in _ALL_KEYS for text in texts)


def _all_commands(access: AccessString) -> bool:
    """Tell whether all commands are allowed, and nothing is denied after that."""
    everything = False
    for rule in access.rules:
        text = rule.text.lower()
        if text in _ALL_COMMANDS:
            everything = True
        elif text in _RESET or text.startswith("-"):
            everything = False
    return everything


CHECKS: dict[str, Check] = {"user-password": _password, "user-default": _default_user, "user-rights": _rights}
