"""The owner of a lane: claims intents, commits *sent*, sends each once, records outcomes, and asks about what is unknown.

    intent ──claim, commit──▶ sent ──one POST──▶ outcome ──apply + state in one transaction──▶ done | refused | unknown
    unknown ──ask──▶ found (any source) | absent: only authoritative, after the guard and repeated negatives ──▶ not_placed

A process that was paused between the commit and the POST (more than `MAX_PAUSE_S`) does not send any more; the resolver finds out.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import clock, db, events, failpoints, log
from kernel.calls import queries
from kernel.calls.outcomes import Absent, Answer, Call, Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.calls.service import channel
from kernel.calls.states import CALL, CallState
from kernel.leases import LeaseKeeper
from kernel.metrics import CALL_SECONDS, CALLS, UNKNOWN_CALLS
from kernel.wakes import Wakes

MAX_PAUSE_S = 1.0
SELDOM = 15  # how much rarer a call is asked about once a person was called
failpoints.declare(
    "call.before_claim_commit",
    "call.after_claim_commit",
    "call.before_send",
    "call.after_send",
    "call.before_outcome_commit",
    "call.after_outcome_commit",
    "call.after_ask",
)


class Kind(Protocol):
    """What a package registers for one kind of call. `send` and `ask` never raise for what the other side does."""

    async def send(self, call: Call) -> Outcome: ...

    async def ask(self, call: Call) -> Answer: ...

    def apply(self, tx: db.Tx, call: Call, outcome: Outcome) -> float | None:
        """Record the outcome in the domain; returns seconds until to ask again, None when nothing is open any more."""
        ...

    def ready(self) -> bool:
        """False while nothing may be sent (breaker, maintenance); intents are withdrawn at once, so that the domain can go elsewhere."""
        ...


@runtime_checkable
class ToldOfPeople(Protocol):
    """A kind that wants to know when a call was asked about for too long."""

    def given_to_people(self, tx: db.Tx, call: Call) -> None:
        """From here on people decide; committed with the call's own move."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Resolving:
    """Times of the resolver in seconds of wall time."""

    guard_s: float  # how long after sending the other side may still act on it
    negatives: int = 3
    every_s: float = 2.0
    manual_after_s: float = 600.0
    answer_s: float = 6.0  # a sent call without an outcome is asked about after this

    def scaled(self, factor: float) -> Resolving:
        return dataclasses.replace(
            self,
            guard_s=self.guard_s * factor,
            every_s=self.every_s * factor,
            manual_after_s=self.manual_after_s * factor,
        )


class Lane:
    """One lane, for example one venue key; `max_in_flight` is 1 where a nonce must rise."""

    def __init__(
        self,
        name: str,
        kinds: Mapping[str, Kind],
        *,
        leases: LeaseKeeper,
        wakes: Wakes,
        max_in_flight: int,
        resolving: Resolving,
        poll_s: float,
        measured_as: str | None = None,
    ) -> None:
        """`measured_as`: a name that many lanes share in the metrics, where targets come and go."""
        self.name, self.kinds, self.leases, self.wakes = name, kinds, leases, wakes
        self.max_in_flight, self.resolving, self.poll_s = max_in_flight, resolving, poll_s
        self._measured_as = measured_as
        self._flying: dict[UUID, asyncio.Task[None]] = {}
        self._epoch: int | None = None
        self._log = log.get("lane").bind(lane=name)
        leases.want(f"lane:{name}")

    async def run(self) -> None:
        """Own the lane whenever the lease allows it, for ever."""
        while True:
            try:
                await self._turn()
            except DBAPIError as error:
                self._log.warning("database_away", error=str(error.orig))
                await asyncio.sleep(0.5)
            await self.wakes.wait(channel(self.name), self.poll_s)

    async def _turn(self) -> None:
        epoch = self.leases.epoch(f"lane:{self.name}")
        if epoch is None:
            self._epoch = None
            return
        if epoch != self._epoch:
            await self._take_over(epoch)
        intents, overdue, due = await asyncio.to_thread(self._look)
        if overdue:
            await asyncio.to_thread(self._expire_overdue)
        free = self.max_in_flight - len(self._flying)
        if intents and not all(kind.ready() for kind in self.kinds.values()):
            await asyncio.to_thread(self._decline)
        elif intents and free > 0:
            calls, claimed_at = await asyncio.to_thread(self._claim, free, epoch)
            for call in calls:
                self._launch(call, self._send(call, claimed_at))
        if due and free > 0:
            for call in await asyncio.to_thread(self._due_to_ask, free):
                if call.id not in self._flying:
                    self._launch(call, self._ask(call))

    def _look(self) -> tuple[bool, bool, bool]:
        with db.transaction() as tx:
            return queries.work(tx, lane=self.name)

    async def _take_over(self, epoch: int) -> None:
        if self._flying:
            await asyncio.wait(list(self._flying.values()))

        def mark() -> int:
            with db.transaction() as tx:
                return queries.ask_all_now(tx, lane=self.name)

        open_calls = await asyncio.to_thread(mark)
        self._epoch = epoch
        self._log.info("lane_taken", epoch=epoch, open_calls=open_calls)

    def _launch(self, call: Call, work: Any) -> None:
        task = asyncio.create_task(work)
        self._flying[call.id] = task
        task.add_done_callback(lambda done: self._landed(call, done))

    def _landed(self, call: Call, task: asyncio.Task[None]) -> None:
        self._flying.pop(call.id, None)
        self.wakes.event(channel(self.name)).set()
        if not task.cancelled() and task.exception() is not None:
            self._log.error("call_failed_here", ref=call.ref, error=repr(task.exception()))

    def _claim(self, limit: int, epoch: int) -> tuple[list[Call], float]:
        """The claimed calls and a moment no later than their `sent_at`, so that a pause anywhere after it is seen before sending."""
        failpoints.hit("call.before_claim_commit")
        with db.transaction() as tx:
            claimed_at = clock.monotonic()
            calls = queries.claim(
                tx,
                lane=self.name,
                limit=limit,
                holder=self.leases.holder,
                epoch=epoch,
                ask_after_s=self.resolving.answer_s,
            )
        if calls:
            failpoints.hit("call.after_claim_commit")
        return calls, claimed_at

    def _due_to_ask(self, limit: int) -> list[Call]:
        with db.read_only() as tx:
            if self._measured_as is None:  # a gauge is of one lane
                UNKNOWN_CALLS.labels(self.name).set(queries.count_unknown(tx, lane=self.name))
            return queries.due_to_ask(tx, lane=self.name, limit=limit, not_these=list(self._flying))

    def _expire_overdue(self) -> None:
        with db.read_only() as tx:
            overdue = queries.overdue_intents(tx, lane=self.name, limit=100)
        for call in overdue:
            self._withdraw(call, "its deadline passed before it could be sent")

    def _decline(self) -> None:
        """The other side is not taking anything (breaker): say so at once instead of letting customers wait for the deadline."""
        with db.read_only() as tx:
            waiting = queries.intents(tx, lane=self.name, limit=100)
        for call in waiting:
            self._withdraw(call, "the venue is not taking orders at the moment")

    def _withdraw(self, call: Call, reason: str) -> None:
        """End an intent unsent; one that the domain cannot digest must not stop the lane for all others."""
        try:
            self._finish(call, Expired(reason))
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001  told to the operator, tried again at the next turn
            self._log.error("call_not_withdrawn", ref=call.ref, error=repr(error))

    async def _send(self, call: Call, claimed_at: float) -> None:
        kind = self.kinds[call.kind]
        failpoints.hit("call.before_send")
        if clock.monotonic() - claimed_at > MAX_PAUSE_S:
            self._log.warning("too_late_to_send", ref=call.ref)
            return  # stays *sent*: the resolver finds out what the other side knows
        outcome = await kind.send(call)
        failpoints.hit("call.after_send")
        CALL_SECONDS.labels(self._measured_as or self.name, call.kind).observe(clock.monotonic() - claimed_at)
        await asyncio.to_thread(self._finish, call, outcome)

    async def _ask(self, call: Call) -> None:
        answer = await self.kinds[call.kind].ask(call)
        failpoints.hit("call.after_ask")
        if isinstance(answer, Done | Refused):
            await asyncio.to_thread(self._finish, call, answer)
        else:
            await asyncio.to_thread(self._no_evidence, call, answer)

    def _no_evidence(self, call: Call, answer: Absent | Unknown) -> None:
        """Count the negative; conclude only when the rules of the resolver allow it."""
        negative = isinstance(answer, Absent) and answer.authoritative
        if call.state in {CallState.DONE, CallState.MANUAL}:
            negative = False  # done: a hiccup of its lists; manual: a person concludes from absence
        age_s = (clock.wall() - call.sent_at).total_seconds() if call.sent_at else 0.0
        negatives = call.negatives + (1 if negative else 0)
        again_s = self.resolving.every_s * (SELDOM if call.state == CallState.MANUAL else 1)
        with db.transaction() as tx:
            queries.note_ask(tx, call_id=call.id, negative=negative, again_s=again_s)
        if negative and negatives >= self.resolving.negatives and age_s > self.resolving.guard_s:
            self._finish(dataclasses.replace(call, state=CallState.UNKNOWN), NotPlaced(negatives))
        elif negative and negatives < self.resolving.negatives:
            return  # on its way to a proof, however old the call is: the owner may have been away for long
        elif age_s > self.resolving.manual_after_s and call.state not in {CallState.DONE, CallState.MANUAL}:
            self._give_to_people(call)

    def _give_to_people(self, call: Call) -> None:
        """Call a person, and go on asking now and then: the venue may come back with the evidence."""
        kind = self.kinds[call.kind]

        def use_case() -> bool:
            with db.transaction(tenant=call.tenant) as tx:
                if isinstance(kind, ToldOfPeople):
                    kind.given_to_people(tx, call)
                moved = queries.settle(
                    tx, call_id=call.id, state=CallState.MANUAL, outcome={"reason": "no evidence"},
                    ask_again_s=self.resolving.every_s * SELDOM,
                )  # fmt: skip
                if not moved:
                    raise _MovedOn
                return moved

        try:
            db.retrying(use_case)
        except _MovedOn:
            return
        self._log.error("call_needs_a_person", ref=call.ref, kind=call.kind)

    def _finish(self, call: Call, outcome: Outcome) -> None:
        """Apply the outcome and move the call in one transaction; the domain locks its rows first (global lock order)."""
        state = _STATE_OF[type(outcome)]

        def use_case() -> None:
            with db.transaction(tenant=call.tenant) as tx:
                again = self.kinds[call.kind].apply(tx, call, outcome)
                if isinstance(outcome, Unknown):
                    again = self.resolving.every_s / 4
                moved = queries.settle(tx, call_id=call.id, state=state, outcome=_record(outcome), ask_again_s=again)
                if not moved:
                    raise _MovedOn
                failpoints.hit("call.before_outcome_commit")

        try:
            db.retrying(use_case)
        except _MovedOn:
            self._log.info("call_moved_on", ref=call.ref, to=state)
            return
        failpoints.hit("call.after_outcome_commit")
        CALLS.labels(self._measured_as or self.name, call.kind, state.value).inc()


class _MovedOn(Exception):
    """Somebody else settled the call first: everything of this attempt is rolled back."""


_STATE_OF: dict[type, CallState] = {
    Done: CallState.DONE,
    Refused: CallState.REFUSED,
    Unknown: CallState.UNKNOWN,
    NotPlaced: CallState.NOT_PLACED,
    Expired: CallState.EXPIRED,
}
assert set(_STATE_OF.values()) <= set(CALL.kind)


def _record(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Done):
        return {"result": events.encode(outcome.result)}
    return dataclasses.asdict(outcome)
