"""Of what staff is alerted: the consumer of events, one line of meaning for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from broker.controls.events import KillSwitchLifted, KillSwitchSet
from broker.exposure.events import HedgeGapOpened
from broker.listings.events import ForeignOrderSeen
from broker.orders.events import HousePositionOpened
from earn.instances.events import SaleStopped
from earn.payouts.events import PayoutsLate
from earn.templates.events import TemplatePublished, TemplateRetired
from identity.api_keys.events import ApiKeyMisused
from identity.approvals.events import ApprovalRequested
from identity.security.events import CodesLocked
from identity.sessions.events import RefreshTokenReused
from kernel.db import Tx
from kernel.events import topic_of_kind
from kernel.money import canonical
from kernel.outbox import Fact
from lending.liquidation.events import BadDebtBooked, LiquidationPaused, LiquidationStarted
from lending.watch.events import LiquidationNotBegun, PriceFrozen
from notices.chat.service import News, spread
from notices.chat.states import AlertKind
from payments.reconciliation.events import BreakTicketed, ProjectionRebuilt, RoundingDrifts
from wallet_bridge.alerts.events import AlertCleared, AlertEscalated, AlertRaised
from wallet_bridge.alerts.rules import ANSWER_WITHIN
from wallet_bridge.alerts.states import Cause, Grade
from wallet_bridge.alerts.states import Kind as TreasuryKind
from wallet_bridge.daily.events import DayReported
from wallet_bridge.deposits.events import DepositHeld, DepositRefundHalted, DepositSpent, DepositUnclaimed
from wallet_bridge.funds.events import VenueBalanceLow
from wallet_bridge.moves.events import TreasuryTransferDiffers, TreasuryTransferEnded, TreasuryTransferLate

_K = AlertKind
Told = tuple[AlertKind, dict[str, str], str | None]
"""What is told, and what names the fact where it happens over and over; None: each event is one."""


def _stopped(fact: KillSwitchSet) -> Told:
    params = {"mode": fact.mode, "scope": fact.scope, "target": fact.target, "reason": fact.reason}
    return _K.TRADING_STOPPED, params, None


def _goes_on(fact: KillSwitchLifted) -> Told:
    params = {"mode": fact.mode, "scope": fact.scope, "target": fact.target, "reason": fact.reason}
    return _K.TRADING_GOES_ON, params, None


def _position(fact: HousePositionOpened) -> Told:
    params = {
        "venue": fact.venue,
        "side": fact.side,
        "quantity": canonical(fact.quantity),
        "symbol": fact.symbol,
        "price": canonical(fact.price),
    }
    return _K.HOUSE_POSITION, params, None


def _foreign(fact: ForeignOrderSeen) -> Told:
    params = {"venue": fact.venue, "symbol": fact.symbol, "order": fact.venue_order_id}
    return _K.FOREIGN_ORDER, params, f"{fact.venue}:{fact.venue_order_id}"


def _low(fact: VenueBalanceLow) -> Told:
    params = {
        "venue": fact.venue,
        "asset": fact.asset,
        "needed": canonical(fact.needed),
        "usable": canonical(fact.usable),
    }
    return _K.BALANCE_LOW, params, f"{fact.venue}:{fact.asset}"


def _ticketed(fact: BreakTicketed) -> Told:
    params = {
        "source": fact.source,
        "reference": fact.reference,
        "difference": canonical(fact.difference),
        "asset": fact.asset,
    }
    return _K.BREAK_TICKETED, params, None


def _drifts(fact: RoundingDrifts) -> Told:
    params = {"asset": fact.asset, "net": canonical(fact.net), "gross": canonical(fact.gross)}
    return _K.ROUNDING_DRIFTS, params, fact.asset


def _misused(fact: ApiKeyMisused) -> Told:
    params = {"what": fact.what, "address": fact.address, "principal": str(fact.principal_id)}
    return _K.API_KEY_MISUSED, params, f"{fact.key_id}:{fact.what}:{fact.address}"


def _frozen(fact: PriceFrozen) -> Told:
    params = {
        "asset": fact.asset,
        "quote": fact.quote,
        "since": fact.frozen_since.isoformat(timespec="seconds"),
        "loans": str(fact.loans),
    }
    return _K.PRICE_FROZEN, params, f"{fact.product_id}:{fact.version}:{fact.asset}"


def _sale(fact: LiquidationStarted) -> Told:
    params = {"cause": fact.cause, "owed": canonical(fact.owed), "asset": fact.asset, "loan": str(fact.loan_id)}
    return _K.SALE_BEGUN, params, None


def _no_sale(fact: LiquidationNotBegun) -> Told:
    return _K.SALE_NOT_BEGUN, {"loan": str(fact.loan_id), "reason": fact.reason}, f"{fact.loan_id}:{fact.reason}"


def _paused(fact: LiquidationPaused) -> Told:
    params = {"liquidation": str(fact.liquidation_id), "loan": str(fact.loan_id), "reason": fact.reason}
    return _K.SALE_PAUSED, params, f"{fact.liquidation_id}:{fact.reason}"


def _bad_debt(fact: BadDebtBooked) -> Told:
    amounts = {"insured": canonical(fact.insured), "lost": canonical(fact.lost)}
    return _K.BAD_DEBT, {"loan": str(fact.loan_id), "asset": fact.asset, **amounts}, None


def _published(fact: TemplatePublished) -> Told:
    params = {
        "name": fact.name,
        "asset": fact.asset,
        "version": str(fact.version),
        "begins": fact.effective_from.isoformat(),
    }
    return _K.EARN_PUBLISHED, params, None


def _retired(fact: TemplateRetired) -> Told:
    return _K.EARN_RETIRED, {"template": str(fact.template_id), "version": str(fact.version)}, None


def _sale_stopped(fact: SaleStopped) -> Told:
    return _K.EARN_SALE_STOPPED, {"template": str(fact.template_id), "day": fact.sale_date.isoformat()}, None


def _late(fact: PayoutsLate) -> Told:
    params = {"rows": str(fact.rows), "since": fact.since.isoformat(timespec="seconds"), "reasons": fact.reasons}
    return _LATE[fact.what], params, None


def _held(fact: DepositHeld) -> Told:
    params = {
        "amount": canonical(fact.amount),
        "asset": fact.asset,
        "network": fact.network,
        "reason": fact.reason,
    }
    return _K.DEPOSIT_HELD, params, None


def _unclaimed(fact: DepositUnclaimed) -> Told:
    params = {"amount": canonical(fact.amount), "asset": fact.asset, "network": fact.network, "reason": fact.reason}
    return _K.DEPOSIT_UNCLAIMED, params | {"deposit": str(fact.deposit_id)}, None


def _spent(fact: DepositSpent) -> Told:
    params = {"amount": canonical(fact.amount), "asset": fact.asset, "network": fact.network}
    return _K.DEPOSIT_SPENT, params | {"missing": canonical(fact.missing), "customer": str(fact.customer_id)}, None


def _refund_halted(fact: DepositRefundHalted) -> Told:
    params = {"amount": canonical(fact.amount), "asset": fact.asset, "network": fact.network, "why": fact.why}
    return _K.DEPOSIT_REFUND_HALTED, params | {"reason": fact.reason, "deposit": str(fact.deposit_id)}, None


def _treasury(fact: AlertRaised | AlertEscalated) -> Told | None:
    """A shortage is told by the order that met it, until it has to be told again."""
    place = {"location": fact.location, "asset": fact.asset, "usable": canonical(fact.usable)}
    if isinstance(fact, AlertEscalated) and fact.cause == Cause.UNANSWERED:
        waited = int(ANSWER_WITHIN.total_seconds()) // 60 * fact.times
        return _K.ALERT_UNANSWERED, place | {"minutes": str(waited)}, None
    if fact.kind == TreasuryKind.STALE:
        return _K.REPORT_STALE, {"location": fact.location}, fact.location
    if fact.kind == TreasuryKind.SHORT or fact.line is None:
        return None
    kind = _K.BELOW_CRITICAL if fact.level == Grade.CRITICAL else _K.BELOW_WARNING
    return kind, place | {"line": canonical(fact.line)}, f"{fact.location}:{fact.asset}"


def _cleared(fact: AlertCleared) -> Told:
    place = {"location": fact.location, "asset": fact.asset, "usable": canonical(fact.usable)}
    return _K.ALERT_CLEARED, place, f"{fact.location}:{fact.asset}:{fact.kind}"


def _day(fact: DayReported) -> Told:
    params = {
        "day": fact.day.isoformat(),
        "balances": str(fact.balances),
        "differing": str(fact.differing),
        "alerts": str(fact.alerts),
        "open": str(fact.still_open),
    }
    return _K.TREASURY_DAY, params, fact.day.isoformat()


def _transfer_late(fact: TreasuryTransferLate) -> Told:
    params = {
        "transfer": str(fact.transfer_id),
        "source": fact.source,
        "destination": fact.destination,
        "asset": fact.asset,
        "amount": canonical(fact.amount),
        "state": fact.state,
        "since": fact.since.isoformat(timespec="seconds"),
    }
    return _K.TRANSFER_LATE, params, None


def _transfer_differs(fact: TreasuryTransferDiffers) -> Told:
    params = {
        "transfer": str(fact.transfer_id),
        "source": fact.source,
        "destination": fact.destination,
        "asset": fact.asset,
        "left": canonical(fact.left),
        "arrived": canonical(fact.arrived),
    }
    return _K.TRANSFER_DIFFERS, params, None


def _transfer_ended(fact: TreasuryTransferEnded) -> Told | None:
    """What two people had agreed to; that nobody did is no trouble."""
    if not fact.agreed:
        return None
    params = {
        "transfer": str(fact.transfer_id),
        "source": fact.source,
        "destination": fact.destination,
        "asset": fact.asset,
        "amount": canonical(fact.amount),
        "state": fact.state,
        "reason": fact.reason or "-",
    }
    return _K.TRANSFER_ENDED, params, None


_LATE = {"stopped": _K.PAYOUTS_STOPPED, "rows": _K.PAYOUTS_LATE, "refused": _K.PAYOUTS_REFUSED}
_NEWS: dict[type, Callable[[Any], Told | None]] = {
    ApprovalRequested: lambda f: (_K.APPROVAL_WAITS, {"kind": f.kind, "resource": str(f.resource_id)}, None),
    KillSwitchSet: _stopped,
    KillSwitchLifted: _goes_on,
    HedgeGapOpened: lambda f: (_K.HEDGE_GAP, {"asset": f.asset, "quantity": canonical(f.quantity)}, None),
    HousePositionOpened: _position,
    ForeignOrderSeen: _foreign,
    VenueBalanceLow: _low,
    BreakTicketed: _ticketed,
    ProjectionRebuilt: lambda f: (_K.BALANCE_REBUILT, {"account": str(f.account_id)}, None),
    RoundingDrifts: _drifts,
    RefreshTokenReused: lambda f: (_K.TOKEN_REUSED, {"principal": str(f.principal_id)}, None),
    CodesLocked: lambda f: (_K.CODES_LOCKED, {"principal": str(f.principal_id)}, None),
    ApiKeyMisused: _misused,
    PriceFrozen: _frozen,
    LiquidationStarted: _sale,
    LiquidationNotBegun: _no_sale,
    LiquidationPaused: _paused,
    BadDebtBooked: _bad_debt,
    TemplatePublished: _published,
    TemplateRetired: _retired,
    SaleStopped: _sale_stopped,
    PayoutsLate: _late,
    DepositHeld: _held,
    DepositUnclaimed: _unclaimed,
    DepositSpent: _spent,
    DepositRefundHalted: _refund_halted,
    AlertRaised: _treasury,
    AlertEscalated: _treasury,
    AlertCleared: _cleared,
    DayReported: _day,
    TreasuryTransferLate: _transfer_late,
    TreasuryTransferDiffers: _transfer_differs,
    TreasuryTransferEnded: _transfer_ended,
}
TOPICS: tuple[str, ...] = tuple(topic_of_kind(kind) for kind in _NEWS)


def tell_channels(tx: Tx, facts: Sequence[Fact]) -> None:
    """Handle events of one tenant. What goes on for hours is told once an hour of business time."""
    spread(tx, [item for fact in facts if (item := _item(fact, tx.now)) is not None])


def _item(fact: Fact, now: datetime) -> News | None:
    told = _NEWS[type(fact.event)](fact.event)
    if told is None:
        return None
    kind, params, again = told
    return News(kind, params, str(fact.id) if again is None else f"{again}:{now:%Y-%m-%dT%H}")
