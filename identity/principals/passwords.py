"""Passwords: Argon2id with small, explicit parameters, behind a gate that bounds memory and the queue.

One check costs about 25 ms and 19 MiB; two at a time per process. Whoever finds the queue full is turned away at once, so that a
flood of logins holds neither memory nor the threads that other requests need. An unknown e-mail is checked against a hash that no
password has, so that it costs what a known one costs.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

AT_ONCE = 2
QUEUE = 8
WAIT_S = 5.0

ROUNDS = 2
MEMORY_KIB = 19 * 1024
LANES = 1

_hasher = PasswordHasher(
    time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32, salt_len=16, type=Type.ID
)
_working = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + QUEUE)


class GateFull(Exception):
    """Too many passwords are being checked already."""


@contextmanager
def _gate() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise GateFull
    try:
        if not _working.acquire(timeout=WAIT_S):
            raise GateFull
        try:
            yield
        finally:
            _working.release()
    finally:
        _places.release()


def hash_password(password: str) -> str:
    """Waits for its turn without a limit: registrations are ours to pace."""
    with _working:
        return _hasher.hash(password)


def hash_for_anybody(password: str) -> str:
    """As `hash_password`, for people who come from outside: behind the gate that bounds logins.

    Raises:
        GateFull: more are waiting than this process serves.
    """
    with _gate():
        return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Check a password; with nothing stored the same work is done and the answer is no.

    Raises:
        GateFull: more are waiting than this process serves.
    """
    against = _NOBODY if stored is None else stored
    with _gate():
        try:
            right = _hasher.verify(against, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """The hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _random_text(length: int) -> str:
    return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")


_NOBODY = f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}${_random_text(16)}${_random_text(32)}"
