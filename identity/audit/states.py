"""The words of the audit: how a caller was known, and what can be wrong with the chain."""

from __future__ import annotations

from enum import StrEnum


class Via(StrEnum):
    """`request`: proven by the request itself, as a login is. `process`: nobody asked, a schedule or the command line did it."""

    SESSION = "session"
    API_KEY = "api_key"
    REQUEST = "request"
    PROCESS = "process"


class Fault(StrEnum):
    """What the verifier found; the first one of a chain is where somebody began."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_MISSING = "entry_missing"
    ENTRY_UNLINKED = "entry_unlinked"
    LINK_MISSING = "link_missing"
    CHAIN_BROKEN = "chain_broken"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    CHECKPOINT_MISSING = "checkpoint_missing"
    SIGNATURE_WRONG = "signature_wrong"
    KEY_UNKNOWN = "key_unknown"
    HEAD_DIFFERS = "differs_from_published_head"
    UNSIGNED = "unsigned"
