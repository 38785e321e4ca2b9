"""Secrets at rest: each is sealed under a key of its own, which is sealed under the deployment's master key (AES-256-GCM, twice).

A sealed secret is bound to its place (tenant, table, row): copied into another row it does not open. It names the master key that
sealed it, so a new one can be put in front of the list while the old ones still open what they sealed. Losing the master keys loses
the secrets; in a sandbox they are made on first use and kept in the data directory.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from functools import cache
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.errors import DomainError
from kernel.settings import Settings, settings

_VERSION = b"\x01"
_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = _NONCE + _KEY + _TAG
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
LONGEST_HEAD = 2 + 32 + _WRAPPED
"""Of a sealed secret: version, the name of the master key, and the wrapped key; the rest is the secret."""
FILE = "master.keys"


class MasterKeyMissing(DomainError):
    """This deployment has no master key, so it can keep no secrets; its operator sets RIVERMOUTH_MASTER_KEYS."""

    code: ClassVar[str] = "master_key_missing"
    status: ClassVar[int] = 503


class SecretUnreadable(DomainError):
    """A stored secret does not open: it was sealed by a master key that is not in the list any more, or it was tampered with."""

    code: ClassVar[str] = "secret_unreadable"
    status: ClassVar[int] = 503


class MasterKeysMalformed(ValueError):
    """A list of keys is not `id:base64 of 32 bytes`, separated by commas."""


def seal(secret: bytes, *, tenant: UUID, table: str, row: UUID) -> bytes:
    """Encrypt for one place in the database, under the first master key.

    Raises:
        MasterKeyMissing: there is none.
    """
    key_id, master = next(iter(_master_keys().items()))
    place = _place(tenant, table, row)
    data_key, wrap_nonce, nonce = os.urandom(_KEY), os.urandom(_NONCE), os.urandom(_NONCE)
    wrapped = wrap_nonce + AESGCM(master).encrypt(wrap_nonce, data_key, place)
    name = key_id.encode()
    return _VERSION + bytes([len(name)]) + name + wrapped + nonce + AESGCM(data_key).encrypt(nonce, secret, place)


def unseal(sealed: bytes, *, tenant: UUID, table: str, row: UUID) -> bytes:
    """The secret that was sealed for this place.

    Raises:
        SecretUnreadable: its master key is not in the list, or a byte of it or its place is not what it was.
    """
    place = _place(tenant, table, row)
    try:
        master = _master_keys()[key_id_of(sealed)]
        rest = sealed[2 + sealed[1] :]
        wrapped, body = rest[:_WRAPPED], rest[_WRAPPED:]
        data_key = AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], place)
        return AESGCM(data_key).decrypt(body[:_NONCE], body[_NONCE:], place)
    except (KeyError, IndexError, ValueError, InvalidTag):
        raise SecretUnreadable from None


def rewrapped(sealed: bytes, *, tenant: UUID, table: str, row: UUID) -> tuple[bytes, bytes]:
    """The head of a sealed secret, of which more need not be given, and the one under the first master key to put in its place.

    Raises:
        SecretUnreadable: as for `unseal`.
        MasterKeyMissing: there is none.
    """
    newest = newest_key_id()
    place = _place(tenant, table, row)
    try:
        name = key_id_of(sealed)
        old = sealed[: 2 + len(name) + _WRAPPED]
        wrapped = old[-_WRAPPED:]
        data_key = AESGCM(_master_keys()[name]).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], place)
    except (KeyError, IndexError, ValueError, InvalidTag):
        raise SecretUnreadable from None
    nonce = os.urandom(_NONCE)
    wrapped = nonce + AESGCM(_master_keys()[newest]).encrypt(nonce, data_key, place)
    return old, _VERSION + bytes([len(newest)]) + newest.encode() + wrapped


def newest_key_id() -> str:
    """The name of the first master key, which seals.

    Raises:
        MasterKeyMissing: there is none.
    """
    return next(iter(_master_keys()))


def known_key_ids() -> list[str]:
    """The names of all master keys, in their order.

    Raises:
        MasterKeyMissing: there is none.
    """
    return list(_master_keys())


def key_id_of(sealed: bytes) -> str:
    """Which master key sealed this."""
    if sealed[:1] != _VERSION:
        raise SecretUnreadable
    return sealed[2 : 2 + sealed[1]].decode("ascii")


def _place(tenant: UUID, table: str, row: UUID) -> bytes:
    return f"{tenant}\n{table}\n{row}".encode()


def _master_keys() -> dict[str, bytes]:
    return _load(settings())


def forget() -> None:
    """Read the list again at the next secret."""
    read_keys.cache_clear()


def _load(given: Settings) -> dict[str, bytes]:
    if given.master_keys is not None:
        return read_keys(given.master_keys.get_secret_value())
    if given.sandbox:
        return read_keys(own_list(given.data_dir / FILE))
    raise MasterKeyMissing


@cache
def read_keys(text: str) -> dict[str, bytes]:
    """A list of named keys, in its order.

    Raises:
        MasterKeysMalformed: it is none.
    """
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _ID.fullmatch(name) or len(key) != _KEY or name in keys:
            raise MasterKeysMalformed
        keys[name] = key
    return keys


def own_list(path: Path) -> str:
    """A list of one key that a sandbox makes for itself; of several processes that make it at once, one wins and all use its."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    made.touch(mode=0o600)
    try:
        made.write_text(new_entry() + "\n")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(made)
    finally:
        made.unlink()
    return path.read_text().strip()


def new_entry() -> str:
    """A fresh key as an entry of the list."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(os.urandom(_KEY)).decode()}"


def put_in_front(path: Path) -> str:
    """A fresh key as the first of a sandbox's own list, which every process reads again by itself; its name.

    Whoever reads meanwhile finds the old list or the new one, each whole.
    """
    kept, entry = own_list(path), new_entry()
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    made.touch(mode=0o600)
    made.write_text(f"{entry},{kept}\n")
    made.replace(path)
    return entry.partition(":")[0]
