"""AUTH tokens and user groups of a replication group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.replication_group import ReplicationGroupSpec, check
from elasticache_kit.model.rule import describe
from elasticache_kit.model.unknown import UNKNOWN
from tests.model.case.access import TOKEN, rights, users
from tests.model.case.replication_group import GROUP
from tests.model.case.user_group import DEFAULT


def problems(spec: ReplicationGroupSpec) -> list[tuple[str, str]]:
    """Return the rules that a group breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


@pytest.mark.parametrize(
    "token", ["short", "x" * 129, "a token with blanks", "a-token-with-a-@", "a-tökén-with-umlauts"]
)
def test_a_wrong_token_is_refused_and_not_shown(token: str) -> None:
    """Neither its length nor its characters may be wrong."""
    found = check(replace(GROUP, auth_token=token))

    assert {violation.rule_id for violation in found} == {"rg-auth-format"}
    assert token not in describe("orders", found)


def test_a_token_of_every_allowed_character_is_taken() -> None:
    """Letters, digits and eight others."""
    assert problems(replace(GROUP, auth_token="aZ09!&#$^<>-aZ09")) == []  # noqa: S106 # it opens nothing


def test_a_token_that_nobody_knows_is_there() -> None:
    """It is the value of a secret."""
    spec = replace(GROUP, auth_token=UNKNOWN, transit_encryption_enabled=False)
    (found,) = check(spec)

    assert (found.rule_id, found.aws_code) == ("rg-auth-needs-tls", "InvalidParameterValue")
    assert found.aws_message == "The AUTH token is only supported when encryption-in-transit is enabled"


def test_users_of_which_nothing_is_known_are_not_judged() -> None:
    """Imported users may sign in any way, and have any rights."""
    assert problems(users("6.0", replace(DEFAULT, user_id="imported"))) == []


def test_users_without_a_user_group_are_not_judged() -> None:
    """Nobody attached them."""
    assert problems(replace(users("6.0", rights("on &news")), user_group_ids=None)) == []


def test_every_need_of_every_access_string_is_named() -> None:
    """The message tells the versions that have it."""
    found = check(users("6.0", rights("on (&news)")))

    assert [(violation.rule_id, violation.message) for violation in found] == [
        (
            "user-access-string-62",
            "the access string 'on (&news)' needs valkey 7.2 or redis 6.2 for its channels, not redis 6.0",
        ),
        (
            "user-access-string-70",
            "the access string 'on (&news)' needs valkey 7.2 or redis 7.0 for its selectors, not redis 6.0",
        ),
    ]


def test_a_token_and_users_are_warned_of() -> None:
    """No page says that AWS refuses it."""
    found = check(replace(GROUP, auth_token=TOKEN, user_group_ids=("people",)))

    assert [(violation.rule_id, violation.level) for violation in found] == [("rg-auth-xor-usergroup", "warn")]
