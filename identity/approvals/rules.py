"""What exactly is approved, as one digest; and who may decide. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.approvals.errors import ApprovalClosed, ApprovalExpired, ApprovalOwnRequest, ApprovalVoid
from identity.approvals.states import ApprovalState

_REFUSALS = {ApprovalState.VOID: ApprovalVoid, ApprovalState.EXPIRED: ApprovalExpired}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What somebody asks for. `summary` holds everything that matters, in fields that a person can read; amounts are texts.

    `version` is the resource's own, of one that can be edited; the owner makes the same subject again before anything is done.
    """

    kind: str
    resource_id: UUID
    summary: Mapping[str, Any]
    version: int = 1

    @property
    def plain(self) -> dict[str, Any]:
        """The summary, which reads back from the database as it was written."""
        return {name: _plain(value) for name, value in self.summary.items()}

    @property
    def digest(self) -> bytes:
        """Over all of it: who saw the summary saw what has this digest."""
        whole = {
            "kind": self.kind,
            "resource_id": str(self.resource_id),
            "version": self.version,
            "summary": self.plain,
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).digest()


def _plain(value: Any) -> Any:
    """No float, no decimal, no time: a program's mistake, which is not written."""
    if isinstance(value, Mapping):
        assert all(isinstance(name, str) for name in value), "names of a summary are texts"
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    assert value is None or isinstance(value, str | int), f"a summary holds no {type(value).__name__}"
    return value


def check_person(*, same_person: bool, permitted: bool) -> None:
    """Whoever decides is another person, and may decide.

    Raises:
        ApprovalOwnRequest
    """
    if same_person:
        raise ApprovalOwnRequest
    if not permitted:
        raise ApprovalOwnRequest("your roles do not permit this decision (any more)")


def check_open(*, state: ApprovalState, expires_at: datetime | None, now: datetime) -> None:
    """It still waits.

    Raises:
        ApprovalVoid, ApprovalExpired, ApprovalClosed
    """
    if state is not ApprovalState.REQUESTED:
        raise _REFUSALS.get(state, ApprovalClosed)(state=state.value)
    if is_over(expires_at, now):
        raise ApprovalExpired(state=ApprovalState.EXPIRED.value)


def is_over(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now
