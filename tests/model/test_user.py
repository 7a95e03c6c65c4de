"""Users, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.rule import describe
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec, authentication_type, check
from tests.model.case.user import IAM, OPEN, USER

SECRET = "p" * 15 + "/"


def problems(spec: UserSpec) -> list[tuple[str, str]]:
    """Return the rules that a user breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


def mode(kind: str | None, *passwords: str) -> UserSpec:
    """Return a user with an authentication mode."""
    return replace(USER, authentication_mode=AuthenticationModeSpec(type=kind, passwords=passwords or None))


def test_no_message_repeats_a_password() -> None:
    """Neither one that is wrong, nor one that comes on top of IAM."""
    wrong = [
        replace(USER, authentication_mode=None, passwords=(SECRET, SECRET, "short")),
        mode("iam", SECRET),
        replace(USER, passwords=(SECRET,), access_string=f"on >{SECRET}x"),
    ]
    for spec in wrong:
        assert check(spec)
    texts = describe("anna", check(wrong[0])) + describe("anna", check(wrong[1]))

    assert SECRET not in texts
    assert "short" not in texts
    assert "(hidden)" in texts


def test_every_mistake_of_passwords_is_named() -> None:
    """Two rules look at them, each at every password."""
    spec = replace(USER, authentication_mode=None, passwords=("p" * 15, SECRET, "p" * 129))

    assert problems(spec) == [
        ("user-passwords-count", "passwords"),
        ("user-password-format", "passwords[0]"),
        ("user-password-format", "passwords[1]"),
        ("user-password-format", "passwords[2]"),
    ]


def test_the_same_password_twice_is_one_too_many() -> None:
    """The second is for rotation."""
    assert problems(mode("password", "p" * 16, "p" * 16)) == [("user-passwords-count", "authentication_mode.passwords")]


def test_passwords_that_nobody_knows_are_counted() -> None:
    """They are values of secrets."""
    assert problems(replace(USER, authentication_mode=None, passwords=(UNKNOWN, UNKNOWN))) == []
    assert problems(replace(USER, authentication_mode=None, passwords=(UNKNOWN,) * 3)) == [
        ("user-passwords-count", "passwords")
    ]


def test_a_password_user_needs_a_password() -> None:
    """The type alone lets nobody in."""
    assert problems(mode("password")) == [("user-passwords-count", "authentication_mode.passwords")]


@pytest.mark.parametrize(
    ("spec", "property_name"),
    [(mode(None), "authentication_mode.type"), (mode("kerberos"), "authentication_mode.type")],
)
def test_a_way_to_sign_in_is_one_of_three(spec: UserSpec, property_name: str) -> None:
    """None, and one that does not exist, are no way."""
    assert problems(spec) == [("user-auth-given", property_name)]


def test_passwords_do_not_go_with_iam() -> None:
    """They would be ignored."""
    assert problems(mode("iam", "p" * 16)) == [("user-auth-one-way", "authentication_mode.passwords")]


def test_ways_that_contradict_are_all_named() -> None:
    """Whoever reads it decides which one stays."""
    spec = replace(IAM, passwords=("p" * 16,), no_password_required=True)

    assert problems(spec) == [
        ("user-auth-one-way", "no_password_required"),
        ("user-auth-one-way", "passwords"),
        ("user-auth-one-way", "authentication_mode"),
    ]


def test_capitals_in_an_id_are_warned_of() -> None:
    """IAM would look for the name in small letters."""
    (found,) = check(replace(IAM, user_id="Anna", user_name="Anna"))

    assert (found.rule_id, found.level, found.remedy) == ("user-id-doubtful", "warn", "write 'anna'")


@pytest.mark.parametrize(
    ("spec", "way"),
    [
        (USER, "password"),
        (IAM, "iam"),
        (mode("IAM"), "iam"),
        (OPEN, "no-password-required"),
        (replace(OPEN, no_password_required=False), None),
        (replace(USER, authentication_mode=None, passwords=(UNKNOWN,)), "password"),
    ],
)
def test_a_user_signs_in_one_way(spec: UserSpec, way: str | None) -> None:
    """Either property says which."""
    assert authentication_type(spec) == way


def test_a_way_that_nobody_knows_is_not_guessed() -> None:
    """An imported user may sign in any way."""
    with pytest.raises(UndecidedError):
        authentication_type(replace(USER, authentication_mode=UNKNOWN))
