"""The door of notices: tell somebody something, once, wherever that person wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from kernel.db import Tx
from kernel.ids import uuid7
from notices import texts
from notices.inbox import queries as inbox
from notices.mails import service as mails
from notices.preferences import service as preferences
from notices.states import Channel, Kind

__all__ = ["Wish", "tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Something to be told. `params` hold no secret; `once` names the fact, which is told once per person: "" is the event's own id.

    `principal` of a letter to a mere address is what the letter is about, a registration or a change of an e-mail.
    """

    principal: UUID
    kind: Kind
    params: Mapping[str, str]
    once: str


def tell(tx: Tx, wishes: Sequence[Wish]) -> None:
    """Write the notices, and ask for what leaves the house, with the facts they tell of. Step of the engine."""
    chosen = preferences.of(tx, list({wish.principal for wish in wishes}))
    for wish in wishes:
        assert texts.complete(wish.params, wish.kind), f"{wish.kind} has other parameters"
        wants = {channel for channel in Channel if chosen[wish.principal].wants(wish.kind, channel)}
        if wants:
            _tell(tx, wish, wants)


def _tell(tx: Tx, wish: Wish, wants: AbstractSet[Channel]) -> None:
    notice_id = uuid7()
    new = inbox.insert(
        tx,
        notice_id=notice_id,
        principal=wish.principal,
        kind=wish.kind,
        params=wish.params,
        dedup_key=f"{wish.kind}:{wish.once}",
        in_inbox=Channel.INBOX in wants,
    )
    if new and Channel.MAIL in wants and mails.offered():
        mails.request(tx, notice_id)
