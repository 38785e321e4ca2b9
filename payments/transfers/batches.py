"""Many transfers in one request: posted set-based, each answered for itself, chains and atomic batches whole or not at all.

A chain is one call of the posting function and so is a run of items without one; they follow each other in the order of the batch.
Each item has a key of its own made from the request's, so a repeat after a crash in the middle answers `exists` for what was done and does
the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from kernel import commands, db
from kernel.db import Tx
from kernel.errors import DomainError, InvalidRequest
from kernel.ids import uuid7
from payments.chart import JournalIn
from payments.transfers import postings, queries, second_person, service
from payments.transfers.errors import BatchRefused
from payments.transfers.parties import Asker, Parties, Wish, resolve
from payments.transfers.rules import Segment, segments

Mode = Literal["atomic", "continue"]
_DONE = {"ok", "exists"}
_NOT_POSTED = "not_posted"


@dataclass(frozen=True, slots=True)
class Answer:
    """`ok`, `exists`, `awaiting_approval`, `not_posted` (another item of the chain or batch was refused), or the code of the refusal."""

    status: str
    id: UUID | None = None


def run(asker: Asker, wishes: Sequence[Wish], *, mode: Mode, key: str | None) -> list[Answer]:
    """Post them, or for staff: keep each until a second person has said yes.

    Raises:
        BatchRefused: `atomic`, and at least one item was refused; nothing was posted.
        IdempotencyConflict: the key was used with another body.
    """
    digest = commands.fingerprint({"mode": mode, "items": [(service.fingerprint(w).hex(), w.linked) for w in wishes]})
    if asker.staff:
        return _store(asker, wishes, mode=mode, key=key, digest=digest)
    if key is not None:
        # Binds the key to this body. The postings have keys of their own, so they may follow in their own transactions.
        commands.run(
            tenant=asker.tenant, principal=asker.id, route="transfers:batch", key=key, fingerprint=digest,
            fn=lambda _: ("transfer_batch", uuid7()),
        )  # fmt: skip
    parties = db.retrying(lambda: _resolve(asker, wishes))  # two batches may open the same accounts in another order
    answers = _post(asker, wishes, parties, mode=mode, key=key or str(uuid7()))
    if mode == "atomic" and any(answer.status not in _DONE for answer in answers):
        raise BatchRefused(items=[{"status": answer.status} for answer in answers])
    return answers


def _resolve(asker: Asker, wishes: Sequence[Wish]) -> list[Parties | DomainError]:
    with db.transaction(tenant=asker.tenant) as tx:
        service.require_eligible(tx, asker)
        return resolve(tx, asker, wishes)


def _post(
    asker: Asker, wishes: Sequence[Wish], parties: Sequence[Parties | DomainError], *, mode: Mode, key: str
) -> list[Answer]:
    answers: dict[int, Answer] = {}
    for segment in segments([wish.linked for wish in wishes], atomic=mode == "atomic"):
        unfit = {place: found for place in segment.items if isinstance(found := parties[place], DomainError)}
        if unfit and segment.whole:
            answers |= {p: Answer(unfit[p].code if p in unfit else _NOT_POSTED) for p in segment.items}
            continue
        answers |= {place: Answer(refusal.code) for place, refusal in unfit.items()}
        fit = Segment(tuple(place for place in segment.items if place not in unfit), segment.whole)
        answers |= _post_segment(asker, wishes, parties, fit, key=key)
    return [answers[place] for place in range(len(wishes))]


def _post_segment(
    asker: Asker, wishes: Sequence[Wish], parties: Sequence[Parties | DomainError], segment: Segment, *, key: str
) -> dict[int, Answer]:
    journals = [_journal(asker, wishes[place], parties[place], key=f"{key}/{place}") for place in segment.items]
    posted = postings.batch(tenant=asker.tenant, journals=journals, mode="atomic" if segment.whole else "continue")
    return {
        place: Answer("idempotency_conflict" if one.status == "exists_different" else one.status, one.journal_id)
        for place, one in zip(segment.items, posted, strict=True)
    }


def _journal(asker: Asker, wish: Wish, parties: Parties | DomainError, *, key: str) -> JournalIn:
    assert isinstance(parties, Parties)
    return postings.asked(
        key=f"c/transfers:batch/{key}",
        asker=asker.id,
        realm=asker.realm,
        from_account=parties.from_account,
        to_account=parties.to_account,
        amount=wish.amount,
        memo=wish.memo,
        metadata=wish.metadata,
    )


def _store(asker: Asker, wishes: Sequence[Wish], *, mode: Mode, key: str | None, digest: bytes) -> list[Answer]:
    """Each item waits for its own approval, so none can be promised together with another."""
    if mode == "atomic" or any(wish.linked for wish in wishes):
        raise InvalidRequest("items of staff are approved one by one: they cannot be atomic or linked")

    def fn(tx: Tx) -> tuple[str, UUID]:
        batch_id = uuid7()
        found = resolve(tx, asker, wishes)
        for refusal in found:
            if isinstance(refusal, DomainError):
                raise refusal
        rows = [
            service.new_row(asker, wish, parties.from_account, parties.to_account, batch=batch_id)
            for wish, parties in zip(wishes, found, strict=True)
            if isinstance(parties, Parties)
        ]
        queries.insert(tx, rows)
        second_person.ask(tx, queries.of_batch(tx, batch_id), maker=asker.id)
        return "transfer_batch", batch_id

    made = commands.run(
        tenant=asker.tenant, principal=asker.id, route="transfers:batch", key=key, fingerprint=digest, fn=fn
    )
    with db.read_only(tenant=asker.tenant) as tx:
        return [Answer(row.status, row.id) for row in queries.of_batch(tx, made.id)]
