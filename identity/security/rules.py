"""Codes and passwords: pure decisions. The arithmetic of TOTP (RFC 6238) is pyotp's; that no code is good twice is the caller's."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime
from decimal import Context, localcontext

import pyotp
import segno
from zxcvbn import zxcvbn

ISSUER = "Rivermouth"
RECOVERY_CODES = 10
STRONG_ENOUGH = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
ESTIMATES = Context(traps=[])  # the library compares Decimal with float, which is an error wherever we count money
_ESTIMATED = 72  # the estimate takes quadratic time and learns nothing from more


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 wants them."""
    return pyotp.random_base32(32)


def address_of(secret: str, *, account: str) -> str:
    """The `otpauth:` address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def qr_rows(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, without its quiet zone."""
    return ["".join("1" if dark else "0" for dark in row) for row in segno.make(text, error="m", micro=False).matrix]


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The step of 30 seconds a code belongs to: the present one, or one beside it for clocks that differ."""
    code = code.replace(" ", "")
    if not _CODE.fullmatch(code):
        return None
    totp = pyotp.TOTP(secret)
    present = totp.timecode(now)
    steps = (present, present - 1, present + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), code)), None)


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, in groups that can be read aloud."""
    texts = [base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def recovery_hash(code: str) -> bytes:
    """What is stored of a code, however its owner spells it. A fast hash will do for 80 random bits."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()


def too_weak(password: str, *, known: list[str]) -> bool:
    """Whether a guesser who knows the person would find it; `known` are words such as the e-mail."""
    with localcontext(ESTIMATES):
        score: int = zxcvbn(password[:_ESTIMATED], user_inputs=known)["score"]
    return score < STRONG_ENOUGH
