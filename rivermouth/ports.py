"""The one port that people see. It is bound here and handed down, so that nobody can take it between the test and the start."""

from __future__ import annotations

import errno
import secrets
import socket
from contextlib import suppress

DEFAULT = 8000
_TRIES = 20
QUIET = range(20_000, 32_768)
"""Below what Linux, and above what most programs, take by themselves."""


class PortBusyError(Exception):
    """The port that was asked for is taken; whoever names a port has something else pointed at it."""


def listen(given: int | None, host: str = "127.0.0.1") -> socket.socket:
    """A listening socket on the given port, or on 8000 or the next free one."""
    if given is not None:
        try:
            return _listen(host, given)
        except OSError as error:
            raise PortBusyError(
                f"Port {given} cannot be used ({error.strerror or error}); free it or name another."
            ) from None
    for port in range(DEFAULT, DEFAULT + _TRIES):
        with suppress(OSError):
            return _listen(host, port)
    raise PortBusyError(f"No port from {DEFAULT} to {DEFAULT + _TRIES - 1} is free; name one with --port.")


def free() -> int:
    """A port that was free a moment ago, for a program that binds it itself.

    Not one of those that the system gives to outgoing connections: such a one may be taken by the time the program has started.
    """
    while True:
        port = QUIET.start + secrets.randbelow(len(QUIET))
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def _listen(host: str, port: int) -> socket.socket:
    if host == "127.0.0.1" and port:
        _refuse_other_localhost(port)
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _refuse_other_localhost(port: int) -> None:
    """A browser tries `localhost` on IPv6 first: somebody else there would answer in our place."""
    if not socket.has_ipv6:
        return
    try:
        probe = socket.socket(socket.AF_INET6)
    except OSError:
        return
    with probe:
        try:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("::1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise
