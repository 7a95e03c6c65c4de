"""Makes a process lose what arrives from some addresses, as when a network is cut: nothing is answered or refused.

A socket can have a filter of its own (classic BPF, SO_ATTACH_FILTER), which needs no privilege, and connections that a
listening socket takes have its filter. The sockets of an engine are reached by `pidfd_getfd`, which a process may use
on its descendants. The kernels on both sides send again what is lost: after the cut connections go on where they were.

See https://docs.kernel.org/networking/filter.html
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address
from pathlib import Path

from elasticache_kit.errors import EngineStartError

# The same number on every architecture of Linux since 5.6.
_PIDFD_GETFD = 438
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
# The source of an IPv4 packet: 12 bytes behind the beginning of the network header (SKF_NET_OFF, -0x100000).
_LOAD_SOURCE = (0x20, 0, 0, 0xFFF0000C)
_IS, _RETURN, _WHOLE = 0x15, 0x06, 0xFFFFFFFF


def drop(pid: int, sources: Collection[str], *, but: bool = False) -> None:
    """Let a process hear nothing from addresses; a filter that it had is replaced.

    Args:
        pid: the process.
        sources: the addresses.
        but: drop what comes from everywhere but from them.

    Raises:
        EngineStartError: the kernel does not let this process do that.
    """
    at_match, otherwise = (_WHOLE, 0) if but else (0, _WHOLE)
    program: list[tuple[int, int, int, int]] = [_LOAD_SOURCE]
    for source in sources:
        program += [(_IS, 0, 1, int(IPv4Address(source))), (_RETURN, 0, 0, at_match)]
    program.append((_RETURN, 0, 0, otherwise))
    encoded = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    option = struct.pack("@HP", len(program), ctypes.addressof(encoded))
    # Twice: a connection that was made between the list and the filter is in the second one.
    for _ in range(2):
        for held in _sockets(pid):
            held.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)


def hear(pid: int) -> None:
    """Let a process hear everything again."""
    for held in _sockets(pid):
        with contextlib.suppress(FileNotFoundError):  # it has none
            held.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def _sockets(pid: int) -> Iterator[socket.socket]:
    """Give the TCP sockets of a process, each closed here after its turn."""
    get = ctypes.CDLL(None, use_errno=True).syscall
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return  # it has ended
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if not str(entry.readlink()).startswith("socket:"):
                    continue
                descriptor = get(_PIDFD_GETFD, process, int(entry.name), 0)
                if descriptor < 0:
                    _check(ctypes.get_errno(), pid)
                    continue
                with socket.socket(fileno=descriptor) as held:
                    if held.family == socket.AF_INET:
                        yield held
    finally:
        os.close(process)


def _check(error: int, pid: int) -> None:
    if error in (9, 3):  # EBADF, ESRCH: it is closed by now
        return
    raise EngineStartError(
        f"The sockets of process {pid} cannot be reached ({os.strerror(error)}), so its network cannot be cut. That "
        "needs Linux 5.6 or newer and pidfd_getfd, which the default seccomp profile of a container forbids: run the "
        "emulator outside of it, or start the container with --cap-add SYS_PTRACE."
    )
