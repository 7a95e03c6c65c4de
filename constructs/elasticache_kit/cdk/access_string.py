"""AccessString: the rights of a user, put together instead of spelt.

    str(AccessString.build().keys("orders:*").allow("@read", "set")) == "on ~orders:* +@read +set"

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import Token

from elasticache_kit.cdk.argument import typed, violation
from elasticache_kit.model import access_string as model
from elasticache_kit.model.access_string import AccessRule, AccessRuleKind
from elasticache_kit.model.rule import Violation, refuse

_SUBJECT = "AccessString"
_PAGE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html"


@dataclass(frozen=True, slots=True)
class AccessString:
    """Says what a user may do. Every method returns a longer access string; the engine applies it from left to right.

    Args:
        text: the access string as ElastiCache takes it.
    """

    text: str

    @staticmethod
    def build() -> AccessString:
        """Begin with a user who can sign in and may do nothing."""
        return AccessString("on")

    @staticmethod
    def off() -> AccessString:
        """Return the access string of a user who cannot sign in."""
        return AccessString("off -@all")

    @staticmethod
    def application() -> AccessString:
        """Return what an application needs: all keys, channels and commands but the dangerous ones.

        FLUSHALL, KEYS, CLIENT KILL and their like are denied. INFO counts as dangerous too, and is allowed because
        clients ask it for the topology.
        """
        return AccessString.build().all_keys().all_channels().allow("@all").deny("@dangerous").allow("info")

    @staticmethod
    @typed
    def of(text: str) -> AccessString:
        """Take an access string as it is written.

        Raises:
            ValidationError: ElastiCache would refuse it; the message lists every reason.
        """
        if not Token.is_unresolved(text):
            refuse(_SUBJECT, [_wrong(text, problem) for problem in model.problems(text)])
        return AccessString(text)

    @typed
    def keys(self, *patterns: str) -> AccessString:
        """Allow reading and writing the keys of each pattern, for example `orders:*`."""
        return self._with("~", patterns, AccessRuleKind.KEYS)

    @typed
    def read_keys(self, *patterns: str) -> AccessString:
        """Allow reading the keys of each pattern. Needs Valkey, or Redis OSS 7.0."""
        return self._with("%R~", patterns, AccessRuleKind.KEYS)

    @typed
    def write_keys(self, *patterns: str) -> AccessString:
        """Allow writing the keys of each pattern. Needs Valkey, or Redis OSS 7.0."""
        return self._with("%W~", patterns, AccessRuleKind.KEYS)

    def all_keys(self) -> AccessString:
        """Allow reading and writing every key."""
        return self.keys("*")

    @typed
    def channels(self, *patterns: str) -> AccessString:
        """Allow the channels of each pattern for publish and subscribe. Needs Valkey, or Redis OSS 6.2."""
        return self._with("&", patterns, AccessRuleKind.CHANNELS)

    def all_channels(self) -> AccessString:
        """Allow every channel. Needs Valkey, or Redis OSS 6.2."""
        return self.channels("*")

    @typed
    def allow(self, *commands: str) -> AccessString:
        """Allow commands (`get`), their subcommands (`client|id`) and categories (`@read`)."""
        return self._with("+", commands, AccessRuleKind.COMMANDS)

    @typed
    def deny(self, *commands: str) -> AccessString:
        """Deny commands, subcommands and categories that are allowed so far."""
        return self._with("-", commands, AccessRuleKind.COMMANDS)

    @typed
    def databases(self, *numbers: int) -> AccessString:
        """Allow these databases and no others. Needs Valkey 9.1."""
        return self._with("db=", [",".join(str(number) for number in numbers)], AccessRuleKind.DATABASES)

    @typed
    def selector(self, rights: AccessString) -> AccessString:
        """Allow what `rights` allows as a whole, besides what is allowed so far. Needs Valkey, or Redis OSS 7.0.

        Whether `rights` is on or off does not matter: a user can sign in or not as a whole.
        """
        rules = [rule.text for rule in model.read(rights.text).rules if rule.kind is not AccessRuleKind.STATE]
        return self._with("", [f"({' '.join(rules)})"], AccessRuleKind.SELECTORS)

    def _with(self, prefix: str, arguments: Iterable[str], kind: AccessRuleKind) -> AccessString:
        rules = [AccessRule(f"{prefix}{argument}") for argument in arguments]
        mistakes = [
            _wrong(rule.text, f"'{rule}' is not one rule about {kind.value}")
            for rule in rules
            if rule.kind is not kind or (kind is not AccessRuleKind.SELECTORS and not _is_one_word(rule.text))
        ]
        if not rules:
            mistakes = [_wrong(self.text, f"no {kind.value} are given")]
        refuse(_SUBJECT, mistakes)
        return AccessString.of(" ".join([self.text, *(rule.text for rule in rules)]))

    def __str__(self) -> str:
        return self.text


def _is_one_word(text: str) -> bool:
    return text.split() == [text] and not text.startswith("(")


def _wrong(text: str, problem: str) -> Violation:
    return violation("cdk-access-string", "access_string", text, problem, f"see {_PAGE}")
