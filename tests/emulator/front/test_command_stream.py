"""Sign-ins among the requests of a client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.front.command_stream import CommandStream, SignInCommand, encoded

WORDS = st.one_of(
    st.sampled_from([b"AUTH", b"auth", b"HELLO", b"3", b"", b"*1", b"$4\r\nAUTH\r\n"]), st.binary(max_size=30)
)
COMMANDS = st.lists(st.lists(WORDS, min_size=1, max_size=5), max_size=6)


def bytes_of(item: bytes | SignInCommand) -> bytes:
    """Give what reaches the engine when nothing is replaced."""
    return item if isinstance(item, bytes) else item.encoded


@given(COMMANDS, st.integers(min_value=1, max_value=40))
def test_pieces_of_any_size_pass_unchanged(commands: list[list[bytes]], size: int) -> None:
    """However the bytes are cut all of them pass in order, and just the sign-ins are found."""
    sent = b"".join(map(encoded, commands))
    stream = CommandStream()
    items = [item for at in range(0, len(sent), size) for item in stream.feed(sent[at : at + size])]
    assert b"".join(map(bytes_of, items)) == sent
    found = [item.words for item in items if isinstance(item, SignInCommand)]
    assert found == [tuple(words) for words in commands if words[0].upper() in {b"AUTH", b"HELLO"}]


@pytest.mark.parametrize(
    ("words", "credentials"),
    [
        ([b"AUTH", b"anna", b"token"], ("anna", "token")),
        ([b"AUTH", b"token"], ("default", "token")),
        ([b"HELLO", b"3", b"AUTH", b"anna", b"token", b"SETNAME", b"x"], ("anna", "token")),
        ([b"hello", b"3", b"setname", b"x", b"auth", b"anna", b"token"], ("anna", "token")),
        ([b"HELLO", b"3"], None),
        ([b"HELLO", b"3", b"AUTH", b"anna"], None),
    ],
)
def test_both_forms_of_signing_in_are_read(words: list[bytes], credentials: tuple[str, str] | None) -> None:
    """AUTH and HELLO name a user and a password, or do not."""
    (command,) = CommandStream().feed(encoded(words))
    assert isinstance(command, SignInCommand)
    assert command.credentials == credentials


def test_the_password_is_replaced_and_nothing_else() -> None:
    """The engine gets another password, of another length, in the same command."""
    command = SignInCommand((b"HELLO", b"3", b"AUTH", b"anna", b"token", b"SETNAME", b"x"))
    assert command.with_password("secret") == encoded([b"HELLO", b"3", b"AUTH", b"anna", b"secret", b"SETNAME", b"x"])


def test_a_password_alone_gets_its_user() -> None:
    """Passed on unchanged it stays alone; with another password the default user is named."""
    command = SignInCommand((b"auth", b"token"))
    assert command.encoded == encoded([b"auth", b"token"])
    assert command.with_password("other") == encoded([b"auth", b"default", b"other"])


def test_an_inline_sign_in_is_found() -> None:
    """The form that people type in telnet is no way around."""
    (command,) = CommandStream().feed(b"AUTH anna token\r\n")
    assert isinstance(command, SignInCommand)
    assert command.credentials == ("anna", "token")


def test_what_is_not_the_protocol_is_an_error() -> None:
    """Something else where a length is due cannot be followed."""
    with pytest.raises(ValueError, match="was due"):
        list(CommandStream().feed(b"*2\r\n+OK\r\n"))
