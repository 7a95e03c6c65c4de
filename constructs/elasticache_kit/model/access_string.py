"""Access strings: the rights of a user, in the language of Valkey's access control lists.

An access string is a list of rules, applied from left to right. ElastiCache takes fewer of them than the engine: no
password, no reset, none of the commands that it keeps to itself.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html and https://valkey.io/topics/acl/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.rule import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

FORBIDDEN_COMMANDS = frozenset(
    {"bgrewriteaof", "bgsave", "config", "debug", "migrate", "replicaof", "save", "slaveof", "shutdown", "sync"}
)
CATEGORIES = frozenset(
    [
        "admin",
        "all",
        "bitmap",
        "blocking",
        "bloom",
        "connection",
        "dangerous",
        "fast",
        "geo",
        "hash",
        "hyperloglog",
        "json",
        "keyspace",
        "list",
        "pubsub",
        "read",
        "scripting",
        "search",
        "set",
        "slow",
        "sortedset",
        "stream",
        "string",
        "transaction",
        "write",
    ]
)
# What an access string needs of the engine, and the first versions that have it; an engine without one never has it.
FIRST_VERSIONS = {
    "channels": {"valkey": "7.2", "redis": "6.2"},
    "key permissions": {"valkey": "7.2", "redis": "7.0"},
    "selectors": {"valkey": "7.2", "redis": "7.0"},
    "subcommands": {"valkey": "7.2", "redis": "7.0"},
    "databases": {"valkey": "9.1"},
}


class AccessRuleKind(StrEnum):
    """What a rule of an access string is about."""

    STATE = "state"
    KEYS = "keys"
    CHANNELS = "channels"
    COMMANDS = "commands"
    DATABASES = "databases"
    SELECTORS = "selectors"
    PASSWORDS = "passwords"  # a kind of rule, not a password
    RESET = "reset"
    PAYLOAD = "payload"
    NOTHING = "nothing"


_WORDS = {
    "on": AccessRuleKind.STATE,
    "off": AccessRuleKind.STATE,
    "allkeys": AccessRuleKind.KEYS,
    "resetkeys": AccessRuleKind.KEYS,
    "allchannels": AccessRuleKind.CHANNELS,
    "resetchannels": AccessRuleKind.CHANNELS,
    "allcommands": AccessRuleKind.COMMANDS,
    "nocommands": AccessRuleKind.COMMANDS,
    "alldbs": AccessRuleKind.DATABASES,
    "resetdbs": AccessRuleKind.DATABASES,
    "clearselectors": AccessRuleKind.SELECTORS,
    "nopass": AccessRuleKind.PASSWORDS,
    "resetpass": AccessRuleKind.PASSWORDS,
    "reset": AccessRuleKind.RESET,
    "sanitize-payload": AccessRuleKind.PAYLOAD,
    "skip-sanitize-payload": AccessRuleKind.PAYLOAD,
}
_PATTERNS = (
    (re.compile(r"(?:~|%(?:R|W|RW|WR)~).*", re.IGNORECASE | re.DOTALL), AccessRuleKind.KEYS),
    (re.compile(r"&.*", re.DOTALL), AccessRuleKind.CHANNELS),
    (re.compile(r"[+-](?:@[a-z]+|[a-z][a-z0-9_.-]*(?:\|[a-z0-9_-]+)?)", re.IGNORECASE), AccessRuleKind.COMMANDS),
    (re.compile(r"db=\d+(?:,\d+)*", re.IGNORECASE), AccessRuleKind.DATABASES),
    (re.compile(r"[><#!].*", re.DOTALL), AccessRuleKind.PASSWORDS),
)
_PASSWORD = re.compile(r"(?<![^\s('\"])([><#])[^\s()'\"]+")
_NOT_IN_SELECTORS = {
    AccessRuleKind.STATE,
    AccessRuleKind.SELECTORS,
    AccessRuleKind.PASSWORDS,
    AccessRuleKind.RESET,
    AccessRuleKind.PAYLOAD,
}
_TOKEN = re.compile(r"\([^)]*\)?\S*|\S+")


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One rule of an access string.

    Args:
        text: as it is written, for example `~orders:*` or `+@read`.
    """

    text: str

    @property
    def kind(self) -> AccessRuleKind:
        """What it is about; NOTHING where it is no rule."""
        if self.text.startswith("("):
            return AccessRuleKind.SELECTORS
        word = _WORDS.get(self.text.lower())
        return word or next((kind for form, kind in _PATTERNS if form.fullmatch(self.text)), AccessRuleKind.NOTHING)

    @property
    def rules(self) -> tuple[AccessRule, ...]:
        """The rules inside of a selector `( ... )`; none of any other rule."""
        return tuple(AccessRule(word) for word in self.text[1:-1].split()) if self.text.startswith("(") else ()

    @property
    def command(self) -> str | None:
        """The command that it names, without a subcommand; None where it names none."""
        if self.kind is not AccessRuleKind.COMMANDS or self.text[0] not in "+-" or self.text[1] == "@":
            return None
        return self.text[1:].split("|")[0].lower()

    @property
    def category(self) -> str | None:
        """The category of commands that it names; None where it names none."""
        return self.text[2:].lower() if self.text[:2] in {"+@", "-@"} else None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class AccessString:
    """The rights of a user.

    Args:
        rules: from left to right.
    """

    rules: tuple[AccessRule, ...]

    @classmethod
    def of(cls, *rules: str) -> AccessString:
        """Return the access string of some rules; ask `problems` what is wrong with it."""
        return cls(tuple(AccessRule(rule) for rule in rules))

    @property
    def enabled(self) -> bool:
        """Whether the user can sign in: the last of `on` and `off` counts, and without either it is off."""
        states = [rule.text.lower() for rule in self.rules if rule.kind is AccessRuleKind.STATE]
        return bool(states) and states[-1] == "on"

    @property
    def needs(self) -> frozenset[str]:
        """What the engine must have for it, keys of FIRST_VERSIONS."""
        return frozenset(need for rule in (*self.rules, *self._inner()) for need in _needs(rule))

    def _inner(self) -> Iterator[AccessRule]:
        for rule in self.rules:
            yield from rule.rules

    def __str__(self) -> str:
        return " ".join(rule.text for rule in self.rules)


def parse(text: str) -> AccessString:
    """Read an access string.

    Raises:
        ValidationError: ElastiCache would refuse it; the message lists every reason.
    """
    found = problems(text)
    if found:
        raise ValidationError(
            "\n".join([f"{masked(text)!r} is not an access string:", *(f"  {problem}" for problem in found)])
        )
    return read(text)


def read(text: str) -> AccessString:
    """Read an access string without a look at what is wrong with it."""
    return AccessString(tuple(AccessRule(token) for token in _TOKEN.findall(text)))


def masked(text: str) -> str:
    """Return an access string, or a sentence about one, without the passwords that should not be in it."""
    return _PASSWORD.sub(r"\1" + HIDDEN, text)


def problems(text: str) -> tuple[str, ...]:
    """Return why ElastiCache refuses an access string, one clause for each reason; nothing where it takes it."""
    if not text.strip():
        return ("it is blank",)
    return tuple(dict.fromkeys(map(masked, _problems(read(text).rules, inside=False))))


def doubts(text: str) -> tuple[str, ...]:
    """Return what an access string may not mean, one clause for each doubt."""
    access = read(text)
    rules = [*access.rules, *(inner for rule in access.rules for inner in rule.rules)]
    found = [
        f"'{rule}' names a category that is not known" for rule in rules if rule.category not in {None, *CATEGORIES}
    ]
    found += [f"'{rule}' is about passwords, which ElastiCache keeps" for rule in rules if rule.text in _FLAGS]
    if text.strip() and not any(rule.kind is AccessRuleKind.STATE for rule in access.rules):
        found.append("without 'on' the user is off and cannot sign in")
    return tuple(dict.fromkeys(found))


_FLAGS = {"nopass", "resetpass"}


def _problems(rules: tuple[AccessRule, ...], *, inside: bool) -> Iterator[str]:
    everything: set[AccessRuleKind] = set()
    for rule in rules:
        yield from _problem(rule, inside=inside)
        if rule.text.lower() in {"resetkeys", "resetchannels"}:
            everything.discard(rule.kind)
        elif rule.text.lower() in {"~*", "allkeys", "&*", "allchannels"}:
            everything.add(rule.kind)
        elif rule.kind in everything:
            yield f"'{rule}' adds nothing: all {rule.kind} are allowed before it"


def _problem(rule: AccessRule, *, inside: bool) -> Iterator[str]:
    match rule.kind:
        case AccessRuleKind.NOTHING:
            yield f"'{rule}' is no rule"
        case kind if inside and kind in _NOT_IN_SELECTORS:
            yield f"'{rule}' cannot be in a selector"
        case AccessRuleKind.SELECTORS if rule.text.startswith("("):
            if rule.text.endswith(")") and rule.text.count(")") == 1:
                yield from _problems(rule.rules, inside=True)
            else:
                yield f"'{rule}' is a selector that is not closed"
        case AccessRuleKind.PASSWORDS if rule.text.lower() not in _FLAGS:
            yield "it holds a password, which goes into passwords"
        case AccessRuleKind.RESET:
            yield "it holds reset, which ElastiCache does not take"
        case _ if rule.command in FORBIDDEN_COMMANDS:
            yield f"'{rule}' names a command that ElastiCache keeps to itself"
        case _:
            pass


def _needs(rule: AccessRule) -> Iterator[str]:
    match rule.kind:
        case AccessRuleKind.CHANNELS:
            yield "channels"
        case AccessRuleKind.KEYS if rule.text.startswith("%"):
            yield "key permissions"
        case AccessRuleKind.SELECTORS:
            yield "selectors"
        case AccessRuleKind.DATABASES:
            yield "databases"
        case AccessRuleKind.COMMANDS if "|" in rule.text:
            yield "subcommands"
        case _:
            pass
