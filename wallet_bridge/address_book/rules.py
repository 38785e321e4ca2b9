"""Pure: what can be an address of a network, in which spelling addresses are compared, and what a label may look like.

Only the shape is judged here. That the checksum inside an address fits is the custodian's business, which has the libraries of its chains:
it refuses a transfer to an address that cannot be one before anything is signed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from wallet_bridge.address_book.errors import AddressInvalid, MemoNotTaken, MemoRequired
from wallet_bridge.address_book.states import EntryStatus

MOST = 50
"""So many addresses at a time."""
LONGEST_LABEL = 64
_EVM = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_NOBODYS = "0x" + "0" * 40
_BECH32 = re.compile(r"[a-z]{2,10}1[02-9ac-hj-np-z]{8,87}", re.ASCII)
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{25,62}", re.ASCII)


def plain(kind: str, address: str) -> str:
    """The one spelling of an address, if it can be one.

    Raises:
        AddressInvalid
    """
    lower = address.lower()
    if kind == "evm" and _EVM.fullmatch(address) and lower != _NOBODYS:
        return lower
    if kind == "utxo":
        if address in {lower, address.upper()} and _BECH32.fullmatch(lower):
            return lower
        if _BASE58.fullmatch(address):
            return address
    raise AddressInvalid


def check_memo(memo: str | None, *, required: bool) -> None:
    """A memo where the network tells owners apart by it, and nowhere else: there it would be lost.

    Raises:
        MemoRequired, MemoNotTaken
    """
    if required and memo is None:
        raise MemoRequired
    if memo is not None and not required:
        raise MemoNotTaken


def label(text: str) -> str:
    """As a person reads it: no invisible characters, no runs of blanks; perhaps nothing is left."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(seen.split())[:LONGEST_LABEL].strip()


def status(*, active_from: datetime, removed_at: datetime | None, now: datetime) -> EntryStatus:
    if removed_at is not None:
        return EntryStatus.REMOVED
    return EntryStatus.ACTIVE if active_from <= now else EntryStatus.WAITING
