"""The words of chat channels: what staff may be alerted of, and what became of a message."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Topic(StrEnum):
    """What a channel may be there for."""

    APPROVALS = "approvals"
    TRADING = "trading"
    EXPOSURE = "exposure"
    TREASURY = "treasury"
    LEDGER = "ledger"
    SECURITY = "security"
    LENDING = "lending"
    EARN = "earn"
    ESCALATIONS = "escalations"


class AlertKind(StrEnum):
    CHANNEL_OPENED = "channel_opened"
    APPROVAL_WAITS = "approval_waits"
    TRADING_STOPPED = "trading_stopped"
    TRADING_GOES_ON = "trading_goes_on"
    HEDGE_GAP = "hedge_gap"
    HOUSE_POSITION = "house_position"
    FOREIGN_ORDER = "foreign_order"
    BALANCE_LOW = "balance_low"
    BREAK_TICKETED = "break_ticketed"
    BALANCE_REBUILT = "balance_rebuilt"
    ROUNDING_DRIFTS = "rounding_drifts"
    TOKEN_REUSED = "token_reused"  # noqa: S105  the name of a fact, no secret
    CODES_LOCKED = "codes_locked"
    API_KEY_MISUSED = "api_key_misused"
    PRICE_FROZEN = "price_frozen"
    SALE_BEGUN = "sale_begun"
    SALE_NOT_BEGUN = "sale_not_begun"
    SALE_PAUSED = "sale_paused"
    BAD_DEBT = "bad_debt"
    EARN_PUBLISHED = "earn_published"
    EARN_RETIRED = "earn_retired"
    EARN_SALE_STOPPED = "earn_sale_stopped"
    PAYOUTS_STOPPED = "payouts_stopped"
    PAYOUTS_LATE = "payouts_late"
    PAYOUTS_REFUSED = "payouts_refused"
    DEPOSIT_HELD = "deposit_held"
    DEPOSIT_UNCLAIMED = "deposit_unclaimed"
    DEPOSIT_SPENT = "deposit_spent"
    DEPOSIT_REFUND_HALTED = "deposit_refund_halted"
    BELOW_WARNING = "below_warning"
    BELOW_CRITICAL = "below_critical"
    REPORT_STALE = "report_stale"
    ALERT_UNANSWERED = "alert_unanswered"
    ALERT_CLEARED = "alert_cleared"
    TREASURY_DAY = "treasury_day"
    TRANSFER_LATE = "transfer_late"
    TRANSFER_DIFFERS = "transfer_differs"
    TRANSFER_ENDED = "transfer_ended"


TOPIC_OF: dict[AlertKind, Topic | None] = {
    AlertKind.CHANNEL_OPENED: None,  # told to the new channel itself
    AlertKind.APPROVAL_WAITS: Topic.APPROVALS,
    AlertKind.TRADING_STOPPED: Topic.TRADING,
    AlertKind.TRADING_GOES_ON: Topic.TRADING,
    AlertKind.HEDGE_GAP: Topic.EXPOSURE,
    AlertKind.HOUSE_POSITION: Topic.EXPOSURE,
    AlertKind.FOREIGN_ORDER: Topic.EXPOSURE,
    AlertKind.BALANCE_LOW: Topic.TREASURY,
    AlertKind.BREAK_TICKETED: Topic.LEDGER,
    AlertKind.BALANCE_REBUILT: Topic.LEDGER,
    AlertKind.ROUNDING_DRIFTS: Topic.LEDGER,
    AlertKind.TOKEN_REUSED: Topic.SECURITY,
    AlertKind.CODES_LOCKED: Topic.SECURITY,
    AlertKind.API_KEY_MISUSED: Topic.SECURITY,
    AlertKind.PRICE_FROZEN: Topic.LENDING,
    AlertKind.SALE_BEGUN: Topic.LENDING,
    AlertKind.SALE_NOT_BEGUN: Topic.LENDING,
    AlertKind.SALE_PAUSED: Topic.LENDING,
    AlertKind.BAD_DEBT: Topic.LENDING,
    AlertKind.EARN_PUBLISHED: Topic.EARN,
    AlertKind.EARN_RETIRED: Topic.EARN,
    AlertKind.EARN_SALE_STOPPED: Topic.EARN,
    AlertKind.PAYOUTS_STOPPED: Topic.EARN,
    AlertKind.PAYOUTS_LATE: Topic.EARN,
    AlertKind.PAYOUTS_REFUSED: Topic.EARN,
    AlertKind.DEPOSIT_HELD: Topic.TREASURY,
    AlertKind.DEPOSIT_UNCLAIMED: Topic.TREASURY,
    AlertKind.DEPOSIT_SPENT: Topic.TREASURY,
    AlertKind.DEPOSIT_REFUND_HALTED: Topic.TREASURY,
    AlertKind.BELOW_WARNING: Topic.TREASURY,
    AlertKind.BELOW_CRITICAL: Topic.TREASURY,
    AlertKind.REPORT_STALE: Topic.TREASURY,
    AlertKind.ALERT_UNANSWERED: Topic.TREASURY,
    AlertKind.ALERT_CLEARED: Topic.TREASURY,
    AlertKind.TREASURY_DAY: Topic.TREASURY,
    AlertKind.TRANSFER_LATE: Topic.TREASURY,
    AlertKind.TRANSFER_DIFFERS: Topic.TREASURY,
    AlertKind.TRANSFER_ENDED: Topic.TREASURY,
}
ALSO_TOLD: dict[AlertKind, Topic] = {AlertKind.ALERT_UNANSWERED: Topic.ESCALATIONS}
"""A second topic of what the first one's people left unanswered."""


def topics_of(kind: AlertKind) -> frozenset[Topic]:
    """Whoever is there for one of them is told, once."""
    return frozenset(topic for topic in (TOPIC_OF[kind], ALSO_TOLD.get(kind)) if topic is not None)


class MessageState(StrEnum):
    WAITING = "waiting"  # a call has been asked for
    SENT = "sent"  # the service said yes
    UNKNOWN = "unknown"  # it may have arrived: never sent again
    REFUSED = "refused"  # it provably never left us
    EXPIRED = "expired"  # nobody could send it in time


_M = MessageState
MESSAGE = States(
    "chat message",
    MessageState,
    initial={_M.WAITING},
    moves={
        _M.WAITING: {_M.SENT, _M.UNKNOWN, _M.REFUSED, _M.EXPIRED},
        _M.SENT: set(),
        _M.UNKNOWN: set(),
        _M.REFUSED: set(),
        _M.EXPIRED: set(),
    },
)
