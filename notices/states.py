"""The words of notices: what may be told, where, in which language, and which parameters the text of each kind has."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    SECOND_FACTOR_ENROLLED = "second_factor_enrolled"
    SECOND_FACTOR_REPLACED = "second_factor_replaced"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    PASSKEY_REGISTERED = "passkey_registered"
    PASSKEY_REMOVED = "passkey_removed"
    SECOND_FACTOR_LOCKED = "second_factor_locked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of a fact, no secret
    NEW_ADDRESS = "new_address"
    PROGRAM_CONNECTED = "program_connected"
    TOKEN_REUSED = "token_reused"  # noqa: S105  the name of a fact, no secret
    API_KEY_MISUSED = "api_key_misused"
    FACTORS_RESET = "factors_reset"
    EMAIL_CHANGED = "email_changed"
    EMAIL_MOVED_AWAY = "email_moved_away"  # to the address that the account had
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_REOPENED = "account_reopened"
    CONFIRM_REGISTRATION = "confirm_registration"
    ACCOUNT_EXISTS = "account_exists"
    PASSWORD_RESET = "password_reset"  # noqa: S105  the name of a wish, no secret
    STAFF_JOINED = "staff_joined"
    EMAIL_CHANGE_OLD = "email_change_old"
    EMAIL_CHANGE_NEW = "email_change_new"
    PRICE_ALERT = "price_alert"
    ORDER_EXPIRED = "order_expired"
    ORDER_CANCELLED = "order_cancelled"  # by the house, not by the customer
    WEBHOOK_GIVEN_UP = "webhook_given_up"
    KYC_APPROVED = "kyc_approved"
    KYC_REJECTED = "kyc_rejected"
    KYC_MORE_INFORMATION = "kyc_more_information"
    LOAN_OPENED = "loan_opened"
    LOAN_CANCELLED = "loan_cancelled"
    LOAN_WARNING = "loan_warning"
    LOAN_MARGIN_CALL = "loan_margin_call"
    LOAN_RECOVERED = "loan_recovered"
    LOAN_TOPPED_UP = "loan_topped_up"  # by itself, as the customer asked
    LOAN_REPAID_BY_ITSELF = "loan_repaid_by_itself"
    LOAN_SALE_BEGUN = "loan_sale_begun"
    LOAN_SALE_SETTLED = "loan_sale_settled"
    LOAN_DUE_SOON = "loan_due_soon"
    LOAN_OVERDUE = "loan_overdue"
    LOAN_RATE_ANNOUNCED = "loan_rate_announced"
    EARN_SUBSCRIBED = "earn_subscribed"
    EARN_MATURED = "earn_matured"
    EARN_REDEEMED_EARLY = "earn_redeemed_early"
    EARN_RENEWED = "earn_renewed"
    EARN_RENEWAL_REFUSED = "earn_renewal_refused"
    EARN_MATURES_SOON = "earn_matures_soon"
    DEPOSIT_CREDITED = "deposit_credited"
    DEPOSIT_HELD = "deposit_held"
    DEPOSIT_REVERSED = "deposit_reversed"
    DEPOSIT_REFUNDED = "deposit_refunded"
    ADDRESS_ADDED = "address_added"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWAL_COMPLETED = "withdrawal_completed"
    WITHDRAWAL_ENDED = "withdrawal_ended"  # nothing left
    TREASURY_ALERT = "treasury_alert"
    TREASURY_UNANSWERED = "treasury_unanswered"
    TREASURY_TRANSFER_LATE = "treasury_transfer_late"
    TREASURY_TRANSFER_DIFFERS = "treasury_transfer_differs"
    TREASURY_TRANSFER_ENDED = "treasury_transfer_ended"  # agreed to, and it does not arrive


class Channel(StrEnum):
    INBOX = "inbox"
    MAIL = "mail"


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


SECURITY = frozenset(
    {
        Kind.SECOND_FACTOR_ENROLLED,
        Kind.SECOND_FACTOR_REPLACED,
        Kind.SECOND_FACTOR_REMOVED,
        Kind.RECOVERY_CODES_RENEWED,
        Kind.PASSKEY_REGISTERED,
        Kind.PASSKEY_REMOVED,
        Kind.SECOND_FACTOR_LOCKED,
        Kind.PASSWORD_CHANGED,
        Kind.NEW_ADDRESS,
        Kind.PROGRAM_CONNECTED,
        Kind.TOKEN_REUSED,
        Kind.API_KEY_MISUSED,
        Kind.FACTORS_RESET,
        Kind.EMAIL_CHANGED,
        Kind.ACCOUNT_FROZEN,
        Kind.ACCOUNT_LOCKED,
        Kind.ACCOUNT_REOPENED,
        Kind.ADDRESS_ADDED,
        Kind.WITHDRAWAL_REQUESTED,
    }
)
"""What a thief would not want to be told: these go everywhere, and nobody can switch them off."""

LETTERS = frozenset(
    {
        Kind.EMAIL_MOVED_AWAY,
        Kind.CONFIRM_REGISTRATION,
        Kind.ACCOUNT_EXISTS,
        Kind.PASSWORD_RESET,
        Kind.STAFF_JOINED,
        Kind.EMAIL_CHANGE_OLD,
        Kind.EMAIL_CHANGE_NEW,
    }
)
"""What is for a mailbox alone: no inbox shows it and nobody chooses. Some are not even for an account, but for an address."""

PARAMS: dict[Kind, frozenset[str]] = {
    Kind.SECOND_FACTOR_ENROLLED: frozenset({"at"}),
    Kind.SECOND_FACTOR_REPLACED: frozenset({"at"}),
    Kind.SECOND_FACTOR_REMOVED: frozenset({"at"}),
    Kind.RECOVERY_CODES_RENEWED: frozenset({"at"}),
    Kind.PASSKEY_REGISTERED: frozenset({"at", "name"}),
    Kind.PASSKEY_REMOVED: frozenset({"at"}),
    Kind.SECOND_FACTOR_LOCKED: frozenset({"until_at"}),
    Kind.PASSWORD_CHANGED: frozenset({"at"}),
    Kind.NEW_ADDRESS: frozenset({"at", "address", "user_agent"}),
    Kind.PROGRAM_CONNECTED: frozenset({"at", "program"}),
    Kind.TOKEN_REUSED: frozenset({"at"}),
    Kind.API_KEY_MISUSED: frozenset({"at", "name", "reason", "address"}),
    Kind.FACTORS_RESET: frozenset({"at"}),
    Kind.EMAIL_CHANGED: frozenset({"at"}),
    Kind.EMAIL_MOVED_AWAY: frozenset({"at"}),
    Kind.ACCOUNT_FROZEN: frozenset({"at"}),
    Kind.ACCOUNT_LOCKED: frozenset({"at"}),
    Kind.ACCOUNT_REOPENED: frozenset({"at"}),
    Kind.CONFIRM_REGISTRATION: frozenset({"at"}),
    Kind.ACCOUNT_EXISTS: frozenset({"at"}),
    Kind.PASSWORD_RESET: frozenset({"at"}),
    Kind.STAFF_JOINED: frozenset({"at"}),
    Kind.EMAIL_CHANGE_OLD: frozenset({"at"}),
    Kind.EMAIL_CHANGE_NEW: frozenset({"at"}),
    Kind.PRICE_ALERT: frozenset({"at", "symbol", "direction", "price", "composite"}),
    Kind.ORDER_EXPIRED: frozenset({"symbol", "order_id", "filled"}),
    Kind.ORDER_CANCELLED: frozenset({"symbol", "order_id", "filled"}),
    Kind.WEBHOOK_GIVEN_UP: frozenset({"host", "event"}),
    Kind.KYC_APPROVED: frozenset({"level", "reason"}),
    Kind.KYC_REJECTED: frozenset({"level", "reason"}),
    Kind.KYC_MORE_INFORMATION: frozenset({"level", "reason"}),
    Kind.LOAN_OPENED: frozenset({"loan", "paid_out", "principal", "asset", "matures"}),
    Kind.LOAN_CANCELLED: frozenset({"loan", "principal", "asset"}),
    Kind.LOAN_WARNING: frozenset({"loan", "at", "prices", "debt", "repay", "asset"}),
    Kind.LOAN_MARGIN_CALL: frozenset({"loan", "at", "prices", "debt", "repay", "asset"}),
    Kind.LOAN_RECOVERED: frozenset({"loan", "at", "prices"}),
    Kind.LOAN_TOPPED_UP: frozenset({"loan", "quantity", "asset", "pledged"}),
    Kind.LOAN_REPAID_BY_ITSELF: frozenset({"loan", "amount", "asset", "left"}),
    Kind.LOAN_SALE_BEGUN: frozenset({"loan", "owed", "asset"}),
    Kind.LOAN_SALE_SETTLED: frozenset({"loan", "proceeds", "paid", "fee", "surplus", "asset"}),
    Kind.LOAN_DUE_SOON: frozenset({"loan", "amount", "asset", "due", "days"}),
    Kind.LOAN_OVERDUE: frozenset({"loan", "amount", "asset", "due", "grace"}),
    Kind.LOAN_RATE_ANNOUNCED: frozenset({"loan", "rate", "before", "day"}),
    Kind.EARN_SUBSCRIBED: frozenset({"subscription", "principal", "asset", "maturity"}),
    Kind.EARN_MATURED: frozenset({"subscription", "principal", "asset"}),
    Kind.EARN_REDEEMED_EARLY: frozenset({"subscription", "principal", "cash", "asset"}),
    Kind.EARN_RENEWED: frozenset({"subscription", "into", "principal", "paid_out", "asset", "apr", "maturity"}),
    Kind.EARN_RENEWAL_REFUSED: frozenset({"subscription", "principal", "asset", "why"}),
    Kind.EARN_MATURES_SOON: frozenset({"subscription", "principal", "asset", "maturity", "renewal"}),
    Kind.DEPOSIT_CREDITED: frozenset({"amount", "asset", "network", "txid", "settled"}),
    Kind.DEPOSIT_HELD: frozenset({"amount", "asset", "network", "txid", "because"}),
    Kind.DEPOSIT_REVERSED: frozenset({"amount", "asset", "network", "txid", "missing"}),
    Kind.DEPOSIT_REFUNDED: frozenset({"amount", "asset", "network", "txid", "fee", "address"}),
    Kind.ADDRESS_ADDED: frozenset({"at", "address", "network", "label", "usable_at"}),
    Kind.WITHDRAWAL_REQUESTED: frozenset({"at", "withdrawal", "amount", "asset", "network", "address"}),
    Kind.WITHDRAWAL_COMPLETED: frozenset({"withdrawal", "amount", "asset", "network", "address"}),
    Kind.WITHDRAWAL_ENDED: frozenset({"withdrawal", "amount", "asset", "network", "address", "end", "why"}),
    Kind.TREASURY_ALERT: frozenset({"count", "lines"}),
    Kind.TREASURY_UNANSWERED: frozenset({"count", "lines"}),
    Kind.TREASURY_TRANSFER_LATE: frozenset({"transfer", "source", "destination", "asset", "amount", "since_at"}),
    Kind.TREASURY_TRANSFER_DIFFERS: frozenset({"transfer", "source", "destination", "asset", "left", "arrived"}),
    Kind.TREASURY_TRANSFER_ENDED: frozenset(
        {"transfer", "source", "destination", "asset", "amount", "state", "reason"}
    ),
}
"""What each text may say; a parameter whose name ends in `at` is a moment."""

WAITED_FOR = frozenset(
    {
        Kind.KYC_APPROVED,
        Kind.KYC_REJECTED,
        Kind.KYC_MORE_INFORMATION,
        Kind.DEPOSIT_CREDITED,
        Kind.DEPOSIT_HELD,
        Kind.DEPOSIT_REFUNDED,
        Kind.WITHDRAWAL_COMPLETED,
        Kind.WITHDRAWAL_ENDED,
    }
)
"""Answers that somebody waits for outside the house; a mail too, unless the person wants none."""

AT_STAKE = frozenset(
    {
        Kind.LOAN_WARNING,
        Kind.LOAN_MARGIN_CALL,
        Kind.LOAN_TOPPED_UP,
        Kind.LOAN_SALE_BEGUN,
        Kind.LOAN_SALE_SETTLED,
        Kind.LOAN_DUE_SOON,
        Kind.LOAN_OVERDUE,
        Kind.LOAN_RATE_ANNOUNCED,
        Kind.EARN_RENEWAL_REFUSED,
        Kind.EARN_MATURES_SOON,
        Kind.DEPOSIT_REVERSED,
        Kind.TREASURY_ALERT,
        Kind.TREASURY_UNANSWERED,
        Kind.TREASURY_TRANSFER_LATE,
        Kind.TREASURY_TRANSFER_DIFFERS,
        Kind.TREASURY_TRANSFER_ENDED,
    }
)
"""Read too late these cost money; a mail too, unless the person wants none."""

FOR_STAFF = frozenset(
    {
        Kind.TREASURY_ALERT,
        Kind.TREASURY_UNANSWERED,
        Kind.TREASURY_TRANSFER_LATE,
        Kind.TREASURY_TRANSFER_DIFFERS,
        Kind.TREASURY_TRANSFER_ENDED,
    }
)
"""What customers are never told, and so do not choose either."""


def wanted_by_default(kind: Kind, channel: Channel) -> bool:
    """The inbox takes everything; a mail is for what cannot wait until somebody logs in."""
    if kind in LETTERS:
        return channel is Channel.MAIL
    return channel is Channel.INBOX or kind in SECURITY | WAITED_FOR | AT_STAKE
