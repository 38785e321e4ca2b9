r"""Every message between the two programs is signed, in both directions: Ed25519 over what was asked, of whom, when, and once.

    POST \n /v1/transfers?x=1 \n sha256 of the body, hex \n seconds since 1970 \n nonce

The name of the receiver is part of what is signed, so that a message to one cannot be shown to another. A receiver takes a message within
`WINDOW_S` of its own clock and each nonce of a sender once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from kernel import signing
from kernel.signing import PublicKeys, Signer

WINDOW_S = 30
KEY, AT, NONCE, SIGNATURE = "X-Wire-Key", "X-Wire-Timestamp", "X-Wire-Nonce", "X-Wire-Signature"
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class WireRefused(ValueError):
    """The message is not what it claims to be; the text says which part."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is signed. `target` is the path with its query as it travels, `receiver` the name both sides know the receiver by."""

    receiver: str
    method: str
    target: str
    body: bytes

    def text(self, at: str, nonce: str) -> bytes:
        digest = hashlib.sha256(self.body).hexdigest()
        return f"{self.receiver}\n{self.method.upper()}\n{self.target}\n{digest}\n{at}\n{nonce}".encode()


@dataclass(frozen=True, slots=True)
class Seen:
    """Who signed, and the nonce that must not come again."""

    key_id: str
    nonce: str


def sign(signer: Signer, message: Message, *, now: float) -> Mapping[str, str]:
    """The headers to send with it; each call makes another nonce."""
    at, nonce = str(int(now)), secrets.token_urlsafe(18)
    made = base64.b64encode(signer.sign(message.text(at, nonce))).decode()
    return {KEY: signer.key_id, AT: at, NONCE: nonce, SIGNATURE: made}


def verify(keys: PublicKeys, message: Message, headers: Mapping[str, str], *, now: float) -> Seen:
    """Who sent it; that its nonce is new is for the caller to find out, and to remember for twice the window.

    Raises:
        WireRefused: unsigned, too old or of the future, of an unknown key, or not what was signed.
    """
    key_id, at, nonce, made = (headers.get(name, "") for name in (KEY, AT, NONCE, SIGNATURE))
    if not (key_id and at and nonce and made):
        raise WireRefused("the message is not signed")
    if not _NONCE.fullmatch(nonce) or not _SECONDS.fullmatch(at):
        raise WireRefused("the signature's headers are malformed")
    if abs(now - int(at)) > WINDOW_S:
        raise WireRefused("the message is too old, or one of the clocks is wrong")
    try:
        signature = base64.b64decode(made, validate=True)
    except (binascii.Error, ValueError):
        raise WireRefused("the signature's headers are malformed") from None
    if not signing.verifies(keys, key_id=key_id, message=message.text(at, nonce), signature=signature):
        raise WireRefused("the signature does not fit")
    return Seen(key_id, nonce)
