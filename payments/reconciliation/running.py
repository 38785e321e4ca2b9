"""One step of a run: read a slice of both sides, judge each difference, level, suspend or ticket it, and remember how far it came.

A step is one transaction: what it found, what it posted and where the next one begins commit together, so a kill anywhere repeats
nothing. Steps of one source wait for each other within a tenant; each reads after the lock, so it sees what the other one corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import db, log, outbox
from kernel.db import AnyRow, Tx
from kernel.errors import DomainError
from kernel.ids import SYSTEM, uuid7
from kernel.metrics import BREAKS, INCIDENTS
from payments.chart import JournalIn
from payments.reconciliation import events, postings, projection_queries, queries, rules, sources, ticket_queries
from payments.reconciliation.queries import Run
from payments.reconciliation.rules import Limits, Treatment
from payments.reconciliation.sources import SLICE, Observation, Scope, scale_of, today
from payments.reconciliation.states import BreakClass, BreakState, IncidentKind, Level, Resolution

DRIFT_DAYS = 7
BEYOND_CAP = "beyond the day's cap of the rounding pool"
AGREES = "both sides agree again"
OTHER_THAN_SETTLED = "an earlier difference of this was settled; now it is another one"
CHANGED = "the difference changed after it was proposed to close it"
_log = log.get("reconciliation")


@dataclass(slots=True)
class Verdict:
    """What becomes of one observation that does not agree."""

    item_id: UUID
    seen: Observation
    known: AnyRow | None
    gap: Decimal
    kind: BreakClass
    state: BreakState
    treatment: Treatment = Treatment.TICKET
    suspended: bool = False
    note: str | None = None
    journal: JournalIn | None = None
    journal_id: UUID | None = None


def step(tenant: UUID, run_id: UUID, *, limit: int = SLICE) -> bool:
    """Take the run's next slice; False when the run has ended or somebody else works on it. A refusal ends the run as failed."""

    def once() -> bool:
        with db.transaction(tenant=tenant) as tx:
            run = queries.claim_run(tx, run_id)
            return run is not None and _slice(tx, run, limit)

    try:
        return db.retrying(once)
    except DomainError as error:
        if error.status >= 500:  # not an answer about this run: a ledger that is being opened, for one
            _log.warning("reconciliation_waits", run=run_id, code=error.code)
            return False
        _log.error("reconciliation_failed", run=run_id, code=error.code, detail=error.detail)
        with db.transaction(tenant=tenant) as tx:
            queries.fail_run(tx, run_id, f"{error.code}: {error.detail}")
        return False


def _slice(tx: Tx, run: Run, limit: int) -> bool:
    queries.serialise(tx, source=run.source)
    scope = Scope(level=Level(run.level), name=run.scope, day=run.day)
    parts = sources.parts(run.source, scope.level)
    read = parts[run.part].read(tx, scope, run.position, limit)
    verdicts, agreed = _judge_all(tx, run, read.observations)
    _post(tx, verdicts)
    for verdict in verdicts:
        _record(tx, run, verdict)
    _watch_the_pool(tx, verdicts)
    part = run.part if read.next_position is not None else run.part + 1
    done = part >= len(parts)
    counts = {
        "compared": len(read.observations),
        "agreed": agreed,
        "breaks": len(verdicts),
        "levelled": sum(v.state is BreakState.LEVELLED for v in verdicts),
        "ticketed": sum(v.state is BreakState.TICKETED for v in verdicts),
        "rebuilt": sum(v.kind is BreakClass.PROJECTION for v in verdicts),
    }
    queries.advance_run(tx, run.id, part=part, position=read.next_position, counts=counts, done=done)
    return not done


def _judge_all(tx: Tx, run: Run, observations: Sequence[Observation]) -> tuple[list[Verdict], int]:
    """Verdicts on what differs, and how many agree."""
    known = {
        (row.reference, row.asset): row
        for row in queries.live_items(tx, source=run.source, references=[o.reference for o in observations])
    }
    single = [o.reference for o in observations if not o.whole]
    settled = {
        (row.reference, row.asset): row for row in queries.settled_items(tx, source=run.source, references=single)
    }
    own = limits_of(tx, {o.asset for o in observations})
    verdicts = []
    for seen in observations:
        before = known.get((seen.reference, seen.asset))
        verdict = _judge(tx, seen, before, own[seen.asset])
        if verdict is not None and before is None and (seen.reference, seen.asset) in settled:
            verdict = _settled_before(verdict, settled[seen.reference, seen.asset])
        if verdict is not None:
            _act(tx, run, verdict, own[seen.asset])
            verdicts.append(verdict)
        elif before is not None:
            _agrees_again(tx, before)
    return verdicts, len(observations) - len(verdicts)


def limits_of(tx: Tx, wanted: set[str]) -> dict[str, Limits]:
    rows = queries.limits(tx)
    return {
        asset: Limits(
            dust=rows[asset].dust, daily_cap=rows[asset].daily_cap, in_transit_for=rows[asset].in_transit_for,
            suspense_for=rows[asset].suspense_for,
        )
        if asset in rows else rules.default_limits(scale_of(asset))
        for asset in wanted
    }  # fmt: skip


def _judge(tx: Tx, seen: Observation, known: AnyRow | None, limits: Limits) -> Verdict | None:
    """What a difference is, and the state that it would have; nothing is taken from the pool and nothing posted yet."""
    gap = rules.difference(seen.ours, seen.theirs, scale_of(seen.asset))
    if seen.hint is None and gap == 0:
        return None
    waited = known is not None and tx.now - known.first_seen_at >= limits.in_transit_for
    kind = rules.classify(
        ours=seen.ours, theirs=seen.theirs, gap=gap, limits=limits, moving=seen.moving and not waited, whole=seen.whole, fee=seen.fee,
        hint=seen.hint,
    )  # fmt: skip
    treatment = rules.treat(kind, gap, correctable=seen.account_id is not None)
    if treatment is Treatment.AGREE:
        return None
    item_id = known.id if known is not None else uuid7()
    verdict = Verdict(item_id, seen, known, gap, kind, BreakState.TICKETED)
    if known is not None and known.state != BreakState.OPEN:
        _leave_to_people(tx, verdict, known)
    elif treatment is Treatment.WAIT:
        verdict.state = BreakState.OPEN
    else:
        verdict.treatment = treatment
    return verdict


def _settled_before(verdict: Verdict, row: AnyRow) -> Verdict | None:
    """A single item differs for ever, also after its difference was levelled, suspended or closed: that was it, once."""
    if row.difference == verdict.gap:
        return None
    verdict.treatment, verdict.note = Treatment.TICKET, OTHER_THAN_SETTLED
    return verdict


def _act(tx: Tx, run: Run, verdict: Verdict, limits: Limits) -> None:
    if verdict.treatment in {Treatment.LEVEL, Treatment.SUSPEND}:
        _correct(tx, run, verdict, limits)
    if verdict.kind is BreakClass.PROJECTION:
        _rebuild(tx, verdict)


def _leave_to_people(tx: Tx, verdict: Verdict, known: AnyRow) -> None:
    """A ticket is open already: no posting by itself any more. A proposal that was made for another amount is off."""
    verdict.state = BreakState(known.state)
    if verdict.state is BreakState.PROPOSED and verdict.gap != known.difference:
        verdict.state, verdict.note = BreakState.TICKETED, CHANGED
        ticket_queries.withdraw(tx, known.id)


def _correct(tx: Tx, run: Run, verdict: Verdict, limits: Limits) -> None:
    seen = verdict.seen
    assert seen.account_id is not None
    correction = postings.Correction(
        item_id=verdict.item_id, source=run.source, reference=seen.reference, asset=seen.asset, account_id=seen.account_id,
        debit_normal=seen.debit_normal, gap=verdict.gap,
    )  # fmt: skip
    if verdict.treatment is Treatment.LEVEL:
        if queries.take_from_cap(tx, asset=seen.asset, day=today(tx), cap=limits.daily_cap, gap=verdict.gap):
            verdict.state, verdict.journal = BreakState.LEVELLED, postings.from_pool(tx, correction)
            return
        verdict.note = BEYOND_CAP
    verdict.suspended, verdict.journal = True, postings.to_suspense(tx, correction)


def _rebuild(tx: Tx, verdict: Verdict) -> None:
    """The journal is the truth: the projection is made anew, and nothing is posted to make it look right."""
    assert verdict.seen.account_id is not None
    made = projection_queries.rebuild(tx, verdict.seen.account_id)
    fact = events.ProjectionRebuilt(
        verdict.seen.account_id, made.posted_before, made.posted_after, made.held_before, made.held_after
    )
    outbox.publish(tx, fact, key=str(verdict.seen.account_id))
    detail = f"posted {made.posted_before} was {made.posted_after}, held {made.held_before} was {made.held_after}"
    raise_incident(tx, IncidentKind.PROJECTION, verdict.seen.reference, detail)


def _post(tx: Tx, verdicts: Sequence[Verdict]) -> None:
    moving = [v for v in verdicts if v.journal is not None]
    journals = [v.journal for v in moving if v.journal is not None]
    for verdict, journal_id in zip(moving, postings.post(tx, journals), strict=True):
        verdict.journal_id = journal_id


def _record(tx: Tx, run: Run, verdict: Verdict) -> None:
    row = _row(tx, run, verdict)
    if verdict.known is None:
        queries.insert_item(tx, row)
    else:
        queries.see_again(tx, verdict.item_id, row)
    if verdict.state is BreakState.TICKETED and (verdict.known is None or verdict.known.state == BreakState.OPEN):
        due = tx.now + limits_of(tx, {verdict.seen.asset})[verdict.seen.asset].suspense_for
        ticket_queries.open_ticket(tx, verdict.item_id, due_at=due)
        fact = events.BreakTicketed(
            verdict.item_id, run.source, verdict.seen.reference, verdict.kind.value, verdict.seen.asset, verdict.gap, verdict.suspended
        )  # fmt: skip
        outbox.publish(tx, fact, key=str(verdict.item_id))
    if verdict.note is not None:
        ticket_queries.add_note(tx, verdict.item_id, author=SYSTEM, text=verdict.note)
    labels = (run.source, verdict.kind.value, verdict.state.value)
    tx.after_commit(lambda: BREAKS.labels(*labels).inc())


def _row(tx: Tx, run: Run, verdict: Verdict) -> Mapping[str, Any]:
    seen = verdict.seen
    return {
        "id": verdict.item_id,
        "run_id": run.id,
        "level": run.level,
        "source": run.source,
        "reference": seen.reference,
        "asset": seen.asset,
        "account_id": seen.account_id,
        "ours": seen.ours,
        "theirs": seen.theirs,
        "theirs_text": seen.theirs_text if seen.theirs_text is not None or seen.theirs is None else str(seen.theirs),
        "difference": verdict.gap,
        "kind": verdict.kind.value,
        "state": verdict.state.value,
        "suspended": verdict.suspended,
        "raw": rules.plain(seen.raw),
        "day": run.day or today(tx),
        "journal_id": verdict.journal_id,
        "closed": verdict.state is BreakState.LEVELLED,
    }


def _agrees_again(tx: Tx, known: AnyRow) -> None:
    """What only waited is cleared; what people look at stays with them, and they are told. A proposal to move money is off."""
    if known.state == BreakState.OPEN:
        queries.move_item(tx, known.id, state=BreakState.CLEARED, sources=[BreakState.OPEN], closed=True)
        return
    if known.state == BreakState.PROPOSED:
        proposed = ticket_queries.ticket(tx, known.id)
        if proposed is not None and proposed.resolution != Resolution.CLOSE:  # it would move what is no longer missing
            queries.move_item(tx, known.id, state=BreakState.TICKETED, sources=[BreakState.PROPOSED], closed=False)
            ticket_queries.withdraw(tx, known.id)
    if ticket_queries.last_note(tx, known.id) != AGREES:
        ticket_queries.add_note(tx, known.id, author=SYSTEM, text=AGREES)


def _watch_the_pool(tx: Tx, verdicts: Sequence[Verdict]) -> None:
    since = today(tx) - timedelta(days=DRIFT_DAYS - 1)
    for asset in sorted({v.seen.asset for v in verdicts if v.state is BreakState.LEVELLED}):
        pool = queries.recent_rounding(tx, asset=asset, since=since)
        dust = limits_of(tx, {asset})[asset].dust
        if not rules.drifts(net=pool.net, gross=pool.gross, times=pool.times, dust=dust):
            close_incident(tx, IncidentKind.ROUNDING_DRIFT, asset)
        elif raise_incident(
            tx, IncidentKind.ROUNDING_DRIFT, asset, f"{pool.net} net of {pool.gross} in {DRIFT_DAYS} days"
        ):
            fact = events.RoundingDrifts(asset, pool.net, pool.gross, pool.times)
            outbox.publish(tx, fact, key=asset)


def raise_incident(tx: Tx, kind: IncidentKind, name: str, detail: str) -> bool:
    """Open or repeat an incident, in the log and the metrics when it is new."""
    if not ticket_queries.raise_incident(tx, kind=kind, name=name, detail=detail):
        return False
    _log.error("incident_opened", kind=kind.value, name=name, detail=detail)
    tx.after_commit(lambda: INCIDENTS.labels(kind.value).inc())
    return True


def close_incident(tx: Tx, kind: IncidentKind, name: str) -> None:
    if ticket_queries.close_incident(tx, kind=kind, name=name):
        _log.info("incident_closed", kind=kind.value, name=name)
