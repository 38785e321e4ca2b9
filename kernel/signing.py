"""The deployment's signature (Ed25519): whoever holds the public key can tell what we said from what was put into our database later.

Keys come as a list of named seeds; the first one signs, all of them are believed. They belong to the engine alone: what can write to
the database must not be able to sign as well. A sandbox makes one on first use and keeps it in the data directory.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel import crypto
from kernel.settings import Settings

FILE = "audit.keys"
PublicKeys = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Signer:
    """One key that signs."""

    key_id: str
    seed: bytes

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    @property
    def public_key(self) -> bytes:
        """What others believe it by."""
        return _public(self.seed)


def signer(given: Settings) -> Signer | None:
    """None where this deployment has no key: then nobody can vouch for anything."""
    if given.audit_keys is not None:
        keys = crypto.read_keys(given.audit_keys.get_secret_value())
    elif given.sandbox:
        keys = crypto.read_keys(crypto.own_list(given.data_dir / FILE))
    else:
        return None
    return Signer(*next(iter(keys.items())))


def public_keys(given: Settings, data_dir: Path) -> PublicKeys:
    """The public halves of the keys of this deployment: of the setting, else of the list that a sandbox made in its data directory."""
    file = data_dir / FILE
    if given.audit_keys is not None:
        text = given.audit_keys.get_secret_value()
    elif file.exists():
        text = file.read_text().strip()
    else:
        return {}
    return {name: _public(seed) for name, seed in crypto.read_keys(text).items()}


def read_public_keys(text: str) -> PublicKeys:
    """`id:base64 of 32 bytes`, separated by commas, as `shown` writes it.

    Raises:
        MasterKeysMalformed: it is no such list.
    """
    return dict(crypto.read_keys(text))


def shown(keys: PublicKeys) -> str:
    """Public keys for others to keep."""
    return ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items())


def verifies(keys: PublicKeys, *, key_id: str, message: bytes, signature: bytes) -> bool:
    if key_id not in keys:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(keys[key_id]).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
