"""What makes two requests under one key the same: a digest of everything that moves money, and of nothing else.

Numbers enter as canonical text (1.5 and 1.50 are one request); the explanation in `meta` and the actor do not enter. The text that is
digested is JSON; it is written by hand, for this is done once per posting.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from kernel.money import canonical
from payments.chart import JournalIn

_word = lru_cache(maxsize=1024)(json.dumps)


def fingerprint(journal: JournalIn) -> bytes:
    lines = ",".join(
        f'[{line.account_id},"{canonical(line.amount)}","{canonical(line.held_delta)}",{_link(line.hold_id)}]'
        for line in journal.lines
    )
    head = f"{_word(journal.kind)},{_word(journal.realm)},{_link(journal.order_id)},{_link(journal.reverses)}"
    return hashlib.sha256(f"[{head},[{lines}]]".encode()).digest()


def _link(id_: UUID | None) -> str:
    return f'"{id_}"' if id_ else "null"


def meta_text(meta: dict[str, Any] | None) -> str:
    """The explanation of a journal as JSON: amounts and times as text."""
    return _encoded(meta) if meta else "{}"


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    assert isinstance(value, UUID), f"a journal's meta cannot hold {value!r}"
    return str(value)


_encoded = json.JSONEncoder(default=_plain).encode  # made once: `dumps` would make an encoder for each posting
