"""Controls: the questions that everything which starts something asks, and the use cases that set and lift them.

The questions are answered from memory (`memory`), at most half a second old and told of changes at once; nothing here waits for a venue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from broker.controls import errors, events, memory, queries
from broker.controls.rules import Place, Switch, Window, switch_on, window_on
from broker.controls.states import Mode, Scope
from broker.toxicity import rules as toxicity
from broker.toxicity.states import ToxicityClass
from identity.audit import service as audit
from identity.principals import service as principals
from kernel import cache, clock, commands, db, log, outbox
from kernel.db import AnyRow, Tx
from kernel.ids import uuid7
from kernel.settings import settings
from markets.guards import service as guards
from markets.instruments import service as instruments
from markets.quotes.service import MarketView, VenueQuote
from venues.accounts import VENUES

_log = log.get("controls")
BEST = "best"


# Questions -----------------------------------------------------------------------------------------------------------------------


def require_allowed(
    *, tenant: UUID, owner: UUID, symbol: str, venue: str, side: str, opening: bool | None = None, rests: bool = False
) -> None:
    """Deny a new order that a control forbids.

    Args:
        venue: the one that the order names, or `best`.
        opening: whether it may add to what the customer holds; a buy does unless said otherwise.
        rests: it can wait in our own book, so a maintenance of its venue is no reason to deny it.

    Raises:
        TradingStopped, ReduceOnly, UnderMaintenance: a control forbids it.
    """
    known = memory.of(tenant)
    now = known.now
    place = Place(symbol=symbol, venue=None if venue == BEST else venue, owner=owner)
    buys = side == "buy" if opening is None else opening
    found = switch_on(known.switches, place, now, opening=buys)
    if found is not None:
        denial = errors.ReduceOnly if found.mode is Mode.REDUCE_ONLY else errors.TradingStopped
        raise denial(scope=found.scope.value, until=_text(found.until))
    window = window_on(known.windows, replace(place, venue=None if rests else place.venue), now)
    if window is not None:
        raise errors.UnderMaintenance(scope=window.scope.value, target=window.target, until=_text(window.ends_at))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def venue_open(venue: str, *, tenant: UUID | None = None, opening: bool = False) -> bool:
    """Whether something may be sent to this venue; `opening` asks for something that buys."""
    known = memory.of(tenant or settings().house_tenant)
    now, place = known.now, Place(venue=venue)
    if venue in known.full:
        return False
    return switch_on(known.switches, place, now, opening=opening) is None and not window_on(known.windows, place, now)


def market_open(symbol: str, *, tenant: UUID | None = None, opening: bool = False) -> bool:
    """Whether resting orders of this market may trigger; `opening` asks for those that buy."""
    known = memory.of(tenant or settings().house_tenant)
    now, place = known.now, Place(symbol=symbol)
    return switch_on(known.switches, place, now, opening=opening) is None and not window_on(known.windows, place, now)


def may_start(*, tenant: UUID, owner: UUID, symbol: str, side: str) -> bool:
    """Whether a resting order may be started; its venue is a question of the plan."""
    known = memory.of(tenant)
    place = Place(symbol=symbol, owner=owner)
    stopped = switch_on(known.switches, place, known.now, opening=side == "buy")
    return stopped is None and not window_on(known.windows, place, known.now)


def stopped_orders() -> frozenset[UUID]:
    """Resting orders whose owners may not trade; in the engine only."""
    return memory.stopped_orders()


def venues_in_maintenance(*, tenant: UUID | None = None) -> frozenset[str]:
    known = memory.of(tenant or settings().house_tenant)
    return frozenset(w.target for w in known.windows if w.scope is Scope.VENUE and w.live(known.now))


def allowed(view: MarketView, *, tenant: UUID | None = None) -> MarketView:
    """The market as far as something may start there: closed venues and quotes older than the market accepts are not tradable.

    At a venue where only selling is possible there is nothing to buy.
    """
    oldest_ms = guards.of(view.symbol).max_quote_age_ms
    now = clock.wall()
    seen = tuple(_allowed(quote, tenant, now, oldest_ms) for quote in view.venues)
    return view if seen == view.venues else replace(view, venues=seen)


def _allowed(quote: VenueQuote, tenant: UUID | None, now: datetime, oldest_ms: int | None) -> VenueQuote:
    if not quote.tradable:
        return quote
    age_ms = quote.age_ms(now)
    too_old = oldest_ms is not None and (age_ms is None or age_ms > oldest_ms)
    if too_old or not venue_open(quote.venue, tenant=tenant):
        return replace(quote, tradable=False)
    return quote if venue_open(quote.venue, tenant=tenant, opening=True) else replace(quote, asks=())


def has_cancel_all(tenant: UUID) -> bool:
    """Whether a switch that cancels is on, as far as this process knows."""
    known = memory.of(tenant)
    return any(s.mode is Mode.CANCEL_ALL and s.live(known.now) for s in known.switches)


def class_of(*, tenant: UUID, owner: UUID) -> ToxicityClass:
    return memory.of(tenant).classes.get(owner, ToxicityClass.NORMAL)


def delay_s(*, tenant: UUID, owner: UUID) -> float:
    """How long a market order of this customer waits before its price is taken."""
    return toxicity.DELAY_S[class_of(tenant=tenant, owner=owner)]


# Use cases -----------------------------------------------------------------------------------------------------------------------


def set_switch(
    *,
    tenant: UUID,
    actor: UUID,
    scope: Scope,
    target: str,
    mode: Mode,
    reason: str,
    until: datetime | None,
    key: str | None = None,
) -> commands.Outcome:
    """Stop something, here and now; every process knows within a second.

    Raises:
        TargetUnknown, PeriodInvalid: see there.
    """
    body = {"scope": scope, "target": target, "mode": mode, "reason": reason, "until": until}

    markets = frozenset(instrument.symbol for instrument in instruments.list_markets())

    def make(tx: Tx) -> tuple[str, UUID]:
        require_target(tx, scope, target, markets=markets)
        if until is not None and until <= tx.now:
            raise errors.PeriodInvalid
        control_id = uuid7()
        row = {
            "id": control_id, "scope": scope.value, "target": target, "mode": mode.value, "reason": reason, "actor": actor,
            "until": until,
        }  # fmt: skip
        queries.insert_switch(tx, row)
        audit.about(tx, after=row, scope=scope.value, target=target, mode=mode.value, reason=reason)
        fact = events.KillSwitchSet(control_id, scope.value, target, mode.value, reason, actor, until)
        outbox.publish(tx, fact, key=f"{scope.value}:{target}")
        _tell(tx)
        return "kill_switch", control_id

    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/controls", key=key, fingerprint=commands.fingerprint(body), fn=make
    )  # fmt: skip
    _log.warning("kill_switch_set", scope=scope, target=target, mode=mode, actor=str(actor), reason=reason)
    return done


def lift(*, tenant: UUID, actor: UUID, control_id: UUID, reason: str, key: str | None = None) -> commands.Outcome:
    """Let trading go on.

    Raises:
        ControlNotFound, ControlOver: see there.
    """

    def change(tx: Tx) -> tuple[str, UUID]:
        if queries.switch(tx, control_id) is None:
            raise errors.ControlNotFound
        row = queries.lift_switch(tx, control_id, actor=actor, reason=reason)
        if row is None:
            raise errors.ControlOver
        audit.about(
            tx, before={"live": True}, after={"live": False}, scope=row.scope, target=row.target, mode=row.mode,
            reason=reason,
        )  # fmt: skip
        fact = events.KillSwitchLifted(control_id, row.scope, row.target, row.mode, actor, reason)
        outbox.publish(tx, fact, key=f"{row.scope}:{row.target}")
        _tell(tx)
        return "kill_switch", control_id

    body = {"id": control_id, "reason": reason}
    done = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/controls/lift", key=key, fingerprint=commands.fingerprint(body),
        fn=change,
    )  # fmt: skip
    _log.warning("kill_switch_lifted", control=str(control_id), actor=str(actor), reason=reason)
    return done


def announce(
    *,
    tenant: UUID,
    actor: UUID,
    scope: Scope,
    target: str,
    starts_at: datetime | None,
    ends_at: datetime,
    reason: str,
    key: str | None = None,
) -> commands.Outcome:
    """Announce a maintenance in business time; without a beginning it begins now.

    Raises:
        TargetUnknown, PeriodInvalid: see there.
    """
    body = {"scope": scope, "target": target, "starts_at": starts_at, "ends_at": ends_at, "reason": reason}

    markets = frozenset(instrument.symbol for instrument in instruments.list_markets())

    def make(tx: Tx) -> tuple[str, UUID]:
        require_target(tx, scope, target, markets=markets)
        begins = starts_at or tx.now
        if ends_at <= max(begins, tx.now):
            raise errors.PeriodInvalid
        window_id = uuid7()
        row = {
            "id": window_id, "scope": scope.value, "target": target, "starts_at": begins, "ends_at": ends_at,
            "reason": reason, "actor": actor,
        }  # fmt: skip
        queries.insert_window(tx, row)
        audit.about(tx, after=row, scope=scope.value, target=target, reason=reason)
        fact = events.MaintenanceAnnounced(window_id, scope.value, target, begins, ends_at, reason)
        outbox.publish(tx, fact, key=f"{scope.value}:{target}")
        _tell(tx)
        return "maintenance", window_id

    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/controls/windows", key=key, fingerprint=commands.fingerprint(body),
        fn=make,
    )  # fmt: skip


def end_window(*, tenant: UUID, actor: UUID, window_id: UUID, key: str | None = None) -> commands.Outcome:
    """End a maintenance early, or take back its announcement.

    Raises:
        ControlNotFound, ControlOver: see there.
    """

    def change(tx: Tx) -> tuple[str, UUID]:
        if queries.window(tx, window_id) is None:
            raise errors.ControlNotFound
        row = queries.end_window(tx, window_id, actor=actor)
        if row is None:
            raise errors.ControlOver
        audit.about(tx, before={"live": True}, after={"live": False}, scope=row.scope, target=row.target)
        outbox.publish(tx, events.MaintenanceEnded(window_id, row.scope, row.target), key=f"{row.scope}:{row.target}")
        _tell(tx)
        return "maintenance", window_id

    return commands.run(
        tenant=tenant, principal=actor, route="POST /v1/controls/windows/end", key=key,
        fingerprint=commands.fingerprint({"id": window_id}), fn=change,
    )  # fmt: skip


def require_target(tx: Tx, scope: Scope, target: str, *, markets: frozenset[str] = frozenset()) -> None:
    """Refuse a control of something that we do not have.

    Raises:
        TargetUnknown: it names nothing.
    """
    match scope:
        case Scope.GLOBAL:
            known = target == ""
        case Scope.VENUE:
            known = target in VENUES
        case Scope.MARKET:
            known = target in markets
        case Scope.CUSTOMER:
            known = _is_customer(tx, target)
    if not known:
        raise errors.TargetUnknown


def _is_customer(tx: Tx, target: str) -> bool:
    try:
        customer = UUID(target)
    except ValueError:
        return False
    return str(customer) == target and principals.find_customer(tx, customer) is not None


def _tell(tx: Tx) -> None:
    tx.after_commit(memory.forget)
    tx.after_commit(lambda: cache.publish(memory.CHANNEL))


def get_switch(tenant: UUID, control_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        row = queries.switch(tx, control_id)
    if row is None:
        raise errors.ControlNotFound
    return row


def get_window(tenant: UUID, window_id: UUID) -> AnyRow:
    with db.read_only(tenant=tenant) as tx:
        row = queries.window(tx, window_id)
    if row is None:
        raise errors.ControlNotFound
    return row


def history(tenant: UUID, *, before: UUID | None, limit: int) -> list[AnyRow]:
    """Every switch there ever was, newest first."""
    with db.read_only(tenant=tenant) as tx:
        return queries.switches(tx, before=before, limit=limit)


def live(tenant: UUID) -> tuple[list[AnyRow], list[AnyRow], Sequence[AnyRow]]:
    """What holds now: switches, windows that go on or are announced, and venues that told us to stay away."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return queries.live_switches(tx), queries.open_windows(tx), queries.pauses(tx)


def windows(tenant: UUID) -> list[Window]:
    """Maintenance that goes on or is announced, for everybody."""
    with db.read_only(tenant=tenant) as tx:
        return [memory.to_window(row) for row in queries.open_windows(tx)]


def cancelling(tenant: UUID) -> list[Switch]:
    """The switches that cancel everything in their scope."""
    with db.read_only(tenant=tenant) as tx:
        return [memory.to_switch(row) for row in queries.live_switches(tx) if row.mode == Mode.CANCEL_ALL]
