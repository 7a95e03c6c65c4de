"""Finds the sign-ins in what a client sends, and lets everything else pass as it comes.

The protocol: https://valkey.io/topics/protocol/. Clients sign in with AUTH or with HELLO ... AUTH.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DEFAULT_USER = "default"
SIGNING_WORDS = frozenset({b"AUTH", b"HELLO"})
LONGEST_SIGNING_WORD = max(map(len, SIGNING_WORDS))
# A token is about 600 bytes, 2,000 with a session token. Whatever is longer goes to the engine, which refuses it.
LONGEST_SIGN_IN = 16384
CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class SignInCommand:
    """A whole AUTH or HELLO command.

    Args:
        words: the command and its arguments.
    """

    words: tuple[bytes, ...]

    @property
    def credentials(self) -> tuple[str, str] | None:
        """The user and the password that it names; the default user for AUTH with a password alone."""
        if self._alone:
            return DEFAULT_USER, self.words[1].decode(errors="replace")
        at = self._place()
        return (
            None
            if at is None
            else (self.words[at].decode(errors="replace"), self.words[at + 1].decode(errors="replace"))
        )

    @property
    def encoded(self) -> bytes:
        """The bytes of the command."""
        return encoded(self.words)

    def with_password(self, password: str) -> bytes:
        """Give the bytes of the same command with its user named and another password."""
        if self._alone:
            return encoded([self.words[0], DEFAULT_USER.encode(), password.encode()])
        at = self._place()
        words = list(self.words)
        if at is not None:
            words[at + 1] = password.encode()
        return encoded(words)

    @property
    def _alone(self) -> bool:
        return self.words[0].upper() == b"AUTH" and len(self.words) == 2  # noqa: PLR2004 -- AUTH password

    def _place(self) -> int | None:
        """Say where the user stands; the password comes next."""
        if self.words[0].upper() == b"AUTH":
            return 1 if len(self.words) == 3 else None  # noqa: PLR2004 -- AUTH user password
        options = [word.upper() for word in self.words]
        at = options.index(b"AUTH") + 1 if b"AUTH" in options else len(options)
        return at if at + 1 < len(options) else None


def encoded(words: Sequence[bytes]) -> bytes:
    """Write a command as clients send it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


class _UnfinishedError(Exception):
    """More bytes must come before it is clear what this is."""


class CommandStream:
    """The requests of one client, in whatever pieces they arrive."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._words_left = 0
        self._bytes_left = 0

    def feed(self, data: bytes) -> Iterator[bytes | SignInCommand]:
        """Take bytes; give bytes to pass on and sign-ins, in order. What is unclear yet is held until more comes."""
        self._held += data
        passed = 0
        try:
            while passed < len(self._held):
                sign_in, end = self._step(passed)
                if sign_in is not None:
                    if passed:
                        yield bytes(self._held[:passed])
                    del self._held[:end]
                    passed = 0
                    yield sign_in
                else:
                    passed = end
        except _UnfinishedError:
            pass
        if passed:
            yield bytes(self._held[:passed])
            del self._held[:passed]

    def _step(self, start: int) -> tuple[SignInCommand | None, int]:
        """Read on from an offset: to the end of what passes, or of a sign-in."""
        if self._bytes_left:
            step = min(self._bytes_left, len(self._held) - start)
            self._bytes_left -= step
            return None, start + step
        if self._words_left:
            length, end = self._number(start, b"$")
            self._words_left -= 1
            self._bytes_left = max(length, 0) + len(CRLF)
            return None, end
        if not self._held.startswith(b"*", start):
            return self._inline(start)
        count, end = self._number(start, b"*")
        if count <= 0:
            return None, end
        length, word_start = self._number(end, b"$")
        if length <= LONGEST_SIGNING_WORD and self._word(word_start, length).upper() in SIGNING_WORDS:
            return self._sign_in(start, end, count)
        self._words_left, self._bytes_left = count - 1, length + len(CRLF)
        return None, word_start

    def _sign_in(self, start: int, at: int, count: int) -> tuple[SignInCommand | None, int]:
        words: list[bytes] = []
        for _ in range(count):
            length, word_start = self._number(at, b"$")
            at = word_start + length + len(CRLF)
            if at - start > LONGEST_SIGN_IN:
                raise ValueError("a sign-in longer than any token")
            words.append(self._word(word_start, length))
        return SignInCommand(tuple(words)), at

    def _inline(self, start: int) -> tuple[SignInCommand | None, int]:
        end = self._line_end(start)
        words = bytes(self._held[start:end]).split()
        if words and words[0].upper() in SIGNING_WORDS:
            return SignInCommand(tuple(words)), end
        return None, end

    def _number(self, start: int, mark: bytes) -> tuple[int, int]:
        end = self._line_end(start)
        line = bytes(self._held[start:end])
        if not line.startswith(mark):
            raise ValueError(f"a request with {line[:20]!r} where {mark!r} was due")
        return int(line[1:]), end

    def _word(self, start: int, length: int) -> bytes:
        if len(self._held) < start + length + len(CRLF):
            raise _UnfinishedError
        return bytes(self._held[start : start + length])

    def _line_end(self, start: int) -> int:
        found = self._held.find(b"\n", start)
        if found < 0:
            if len(self._held) - start > LONGEST_SIGN_IN:
                raise ValueError("a line without end")
            raise _UnfinishedError
        return found + 1
