"""Use cases of chat channels: make, list, remove; gather alerts into one message; what is sent, and what became of it.

A chat service cannot be asked whether it has a message, and one that is sent twice stands there twice. So each message is one call, and
what may have arrived is left alone: the next alert is a message of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.audit import service as audit
from kernel import commands, crypto, log
from kernel.calls import service as calls
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.settings import settings
from notices.chat import addresses, queries, rules
from notices.chat.errors import TooManyChannels
from notices.chat.queries import ChannelRow
from notices.chat.states import AlertKind, MessageState, Topic, topics_of
from notices.states import Language
from notices.webhooks.service import allowed_targets

__all__ = ["ChannelRow", "Letter", "News"]

MOST = 20
KIND = "chat"
LANES = "chat:"
QUIET = timedelta(seconds=60)
"""A channel gets one message in this time; what happens meanwhile is told together."""
KEPT = timedelta(days=30)
NOBODY_KNOWS = "a chat service cannot be asked"
NOT_LATER_THAN = timedelta(hours=12)
_TABLE = "notices.channels"
_AT_ONCE, _IN_ONE, _DELETE_AT_ONCE = 100, 1_000, 5_000

_log = log.get("chat")


@dataclass(frozen=True, slots=True)
class News:
    """Something staff may want to be alerted of; `once` names the fact, which a channel is told once."""

    kind: AlertKind
    params: Mapping[str, str]
    once: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent where; the address is told to nobody."""

    address: str
    message: rules.Message

    def __repr__(self) -> str:
        return f"Letter({self.message.title!r})"


def create(
    *, tenant: UUID, by: UUID, name: str, address: str, topics: Sequence[Topic], language: Language, key: str | None
) -> ChannelRow:
    """A new channel; its first message says what it is there for. The address is never shown again.

    Raises:
        ChannelAddressRefused: nothing is sent there.
        TooManyChannels: one more than a tenant may have.
        IdempotencyConflict: this Idempotency-Key was used for something else.
    """
    service = addresses.read(address, plain=settings().sandbox, allowed=allowed_targets())
    channel_id, wanted = uuid7(), tuple(sorted(set(topics)))
    sealed = crypto.seal(address.encode(), tenant=tenant, table=_TABLE, row=channel_id)

    def insert(tx: Tx) -> tuple[str, UUID]:
        queries.lock_tenant(tx)
        if queries.count(tx) >= MOST:
            raise TooManyChannels
        row = ChannelRow(channel_id, name, addresses.name_of(service), wanted, language, tx.now)
        queries.insert(tx, row, sealed_address=sealed, by=by)
        opened = News(AlertKind.CHANNEL_OPENED, {"topics": ", ".join(wanted)}, "opened")
        _alert(tx, channel_id, opened)
        audit.about(tx, service=row.service, topics=list(wanted))
        return "channel", channel_id

    outcome = commands.run(
        tenant=tenant,
        principal=by,
        route="POST /v1/channels",
        key=key,
        fingerprint=commands.fingerprint(
            {"name": name, "topics": wanted, "language": language}
        ),  # never of the address
        fn=insert,
    )
    with read_only(tenant=tenant) as tx:
        found = queries.find(tx, outcome.id)
    if found is None:
        raise NotFound
    return found


def list_channels(*, tenant: UUID) -> list[ChannelRow]:
    with read_only(tenant=tenant) as tx:
        return queries.every(tx)


def remove(*, tenant: UUID, channel_id: UUID) -> None:
    """Nothing more is sent there, what waits included.

    Raises:
        NotFound: there is none.
    """
    with transaction(tenant=tenant) as tx:
        if not queries.delete(tx, channel_id):
            raise NotFound
        audit.record(tx, "channel.removed", kind="channel", resource=channel_id)


def spread(tx: Tx, news: Sequence[News]) -> None:
    """Note each for every channel that is there for its topic. Step of the engine."""
    channels = queries.listening(tx)
    for item in news:
        for channel in channels:
            if not topics_of(item.kind).isdisjoint(channel.topics):
                _alert(tx, channel.id, item)


def _alert(tx: Tx, channel_id: UUID, item: News) -> None:
    wanted = rules.placeholders(rules.LINES[Language.EN][item.kind])
    assert item.params.keys() == wanted, f"{item.kind} has other parameters"
    queries.insert_alert(
        tx,
        alert_id=uuid7(),
        channel_id=channel_id,
        kind=item.kind,
        params=item.params,
        dedup_key=f"{item.kind}:{item.once}"[:200],
    )


def send_waiting() -> int:
    """One message for each channel that has something to tell and has told nothing for a minute; answers how many. Only the engine may."""
    with read_only() as tx:
        found = queries.waiting(tx, since=tx.now - QUIET, limit=_AT_ONCE)
    return sum(_gather(tenant, channel_id) for tenant, channel_id in found)


def _gather(tenant: UUID, channel_id: UUID) -> bool:
    with transaction(tenant=tenant) as tx:
        alerts = queries.gather(tx, channel_id, limit=_IN_ONE)
        if not alerts:
            return False
        message_id = uuid7()
        queries.insert_message(tx, message_id=message_id, channel_id=channel_id, alerts=alerts)
        calls.request(
            tx,
            lane=f"{LANES}{channel_id}",
            kind=KIND,
            ref=str(message_id),
            payload={
                "message_id": str(message_id)
            },  # an id and nothing else: address and text are read when it is sent
            deadline=wall() + NOT_LATER_THAN,
        )
    return True


def prepare(*, tenant: UUID, message_id: UUID) -> Letter | None:
    """The message, worded now; None where the channel is gone, or the message is no longer to be sent.

    Raises:
        SecretUnreadable
    """
    with read_only(tenant=tenant) as tx:
        job = queries.job(tx, message_id)
    if job is None:
        return None
    address = crypto.unseal(job.sealed_address, tenant=tenant, table=_TABLE, row=job.channel_id).decode()
    return Letter(address, rules.word(job.alerts, count=job.count, language=job.language))


def note_sent(tx: Tx, message_id: UUID) -> None:
    queries.move(tx, message_id, MessageState.SENT, reason=None)


def note_unknown(tx: Tx, message_id: UUID, reason: str) -> None:
    _log.warning("chat_unknown", message=message_id, reason=reason)
    queries.move(tx, message_id, MessageState.UNKNOWN, reason=reason[:200])


def note_refused(tx: Tx, message_id: UUID, reason: str, *, for_now: bool) -> None:
    """It provably never left us; `for_now`: what it told is told by the next message. Step."""
    _log.warning("chat_refused", message=message_id, reason=reason)
    if queries.move(tx, message_id, MessageState.REFUSED, reason=reason[:200]) and for_now:
        queries.release(tx, message_id)


def note_expired(tx: Tx, message_id: UUID) -> None:
    queries.move(tx, message_id, MessageState.EXPIRED, reason=None)


def give_up_asking(*, tenant: UUID, message_id: UUID) -> None:
    """Nobody knows what became of an attempt, and nobody can be asked: it counts as arrived."""
    with transaction(tenant=tenant) as tx:
        queries.move(tx, message_id, MessageState.UNKNOWN, reason=NOBODY_KNOWS)


def forget_old() -> None:
    """Delete messages with their alerts after a month of business time. Only the engine may."""
    deleted = _DELETE_AT_ONCE
    while deleted == _DELETE_AT_ONCE:
        with transaction() as tx:
            deleted = queries.delete_old(tx, before=tx.now - KEPT, limit=_DELETE_AT_ONCE)
