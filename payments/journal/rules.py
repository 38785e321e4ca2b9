"""What makes two requests under one key the same: a digest of everything that moves money, and of nothing else.

Numbers enter as canonical text (1.5 and 1.50 are one request); the explanation in `meta` and the actor do not enter.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.money import canonical
from payments.chart import JournalIn


def fingerprint(journal: JournalIn) -> bytes:
    lines = [
        [
            line.account_id,
            canonical(line.amount),
            canonical(line.held_delta),
            str(line.hold_id) if line.hold_id else None,
        ]
        for line in journal.lines
    ]
    links = [str(link) if link else None for link in (journal.order_id, journal.reverses)]
    request = [journal.kind, journal.realm, *links, lines]
    return hashlib.sha256(json.dumps(request, separators=(",", ":")).encode()).digest()


def meta_text(meta: dict[str, Any] | None) -> str:
    """The explanation of a journal as JSON: amounts and times as text."""
    return json.dumps(meta, default=_plain) if meta else "{}"


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    assert isinstance(value, UUID), f"a journal's meta cannot hold {value!r}"
    return str(value)
