"""Hands a stranger's file to a process that may die of it, and takes what that makes of it (`cleaning`)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass

from identity.kyc.errors import DocumentTooLarge, DocumentUnreadable, DocumentUnsafe, DocumentUnsupported
from identity.kyc.states import MediaType
from kernel.db import assert_no_transaction
from kernel.errors import DomainError, Unavailable

MAX_BYTES = 6 * 1024 * 1024
_PATIENCE_S = 30
_AT_ONCE = 2
_REFUSALS: dict[str, type[DomainError]] = {
    "unsupported": DocumentUnsupported,
    "too_large": DocumentTooLarge,
    "unsafe": DocumentUnsafe,
}
_slots = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Cleaned:
    media_type: MediaType
    pages: int
    body: bytes


def clean(raw: bytes) -> Cleaned:
    """The document, made anew.

    Raises:
        DocumentUnsupported, DocumentTooLarge, DocumentUnsafe, DocumentUnreadable
        Unavailable: as many files as this process looks at are being looked at.
    """
    assert_no_transaction()
    if len(raw) > MAX_BYTES:
        raise DocumentTooLarge(most_bytes=MAX_BYTES)
    if not _slots.acquire(timeout=_PATIENCE_S):
        raise Unavailable
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "identity.kyc.cleaning"],
            input=raw,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path) or ".", "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise DocumentUnreadable from None
    finally:
        _slots.release()
    head, _, body = answer.stdout.partition(b"\n")
    words = head.decode("ascii", "replace").split()
    if answer.returncode == 0 and len(words) == 3 and words[0] == "ok" and body:
        return Cleaned(MediaType(words[1]), int(words[2]), body)
    raise _REFUSALS.get(words[1] if len(words) > 1 else "", DocumentUnreadable)
