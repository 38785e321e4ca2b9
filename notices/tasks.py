"""What is told to people and to machines: the consumers of events, one line of meaning for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from broker.controls.sweeping import WHY as BY_A_CONTROL
from broker.orders.events import OrderAccepted, OrderChanged, OrderClosed, OrderFilled
from broker.orders.states import OrderStatus
from earn.renewals.events import MaturesSoon, RenewalRefused, Renewed
from earn.subscriptions.events import Matured, RedeemedEarly, Subscribed
from identity.api_keys.events import ApiKeyMisused
from identity.kyc.events import KycCaseDecided
from identity.kyc.states import CaseState
from identity.oauth.events import ProgramConnected
from identity.people.events import AccountLocked, AccountReopened, FactorsReset, StaffJoined
from identity.recovery.events import AccountFrozen, EmailChangeAsked, EmailChanged, PasswordResetAsked
from identity.registration.events import CustomerRegistered, RegistrationReceived
from identity.security.events import (
    CodesLocked,
    PasskeyRegistered,
    PasskeyRemoved,
    PasswordChanged,
    RecoveryCodesRenewed,
    SecondFactorEnrolled,
    SecondFactorRemoved,
)
from identity.sessions.events import RefreshTokenReused, SessionOpenedElsewhere
from kernel.db import Tx
from kernel.events import topic_of_kind
from kernel.ids import SYSTEM
from kernel.money import canonical
from kernel.outbox import Fact
from markets.price_alerts.events import PriceAlertFired
from notices.deposit_news import DEPOSIT_NEWS, DEPOSIT_WISHES
from notices.earn_news import EARN_WISHES
from notices.loan_news import LOAN_WISHES
from notices.loan_webhooks import LOAN_NEWS, Telling, as_it_stands
from notices.preferences import service as preferences
from notices.service import Wish, tell
from notices.states import Kind, Language
from notices.treasury_news import TOLD as TREASURY_TOLD
from notices.treasury_news import is_ours
from notices.treasury_news import wishes as treasury_wishes
from notices.webhooks.events import WebhookTested
from notices.webhooks.service import News, deliver_test, spread
from notices.webhooks.states import EventKind
from notices.withdrawal_news import WITHDRAWAL_WISHES
from payments.orders.events import OrderClosed as PaymentOrderClosed
from payments.orders.events import OrderPaid, OrderRefunded
from wallet_bridge.address_book.events import AddressAdded
from wallet_bridge.withdrawals.events import (
    WithdrawalCompleted,
    WithdrawalEnded,
    WithdrawalRequested,
    WithdrawalSent,
)


def _enrolled(fact: SecondFactorEnrolled) -> Wish:
    kind = Kind.SECOND_FACTOR_REPLACED if fact.replaced else Kind.SECOND_FACTOR_ENROLLED
    at = fact.enrolled_at.isoformat()
    return Wish(principal=fact.principal_id, kind=kind, params={"at": at}, once=at)


def _removed(fact: SecondFactorRemoved) -> Wish:
    at = fact.removed_at.isoformat()
    return Wish(principal=fact.principal_id, kind=Kind.SECOND_FACTOR_REMOVED, params={"at": at}, once=at)


def _codes_renewed(fact: RecoveryCodesRenewed) -> Wish:
    at = fact.renewed_at.isoformat()
    return Wish(principal=fact.principal_id, kind=Kind.RECOVERY_CODES_RENEWED, params={"at": at}, once=at)


def _passkey(fact: PasskeyRegistered) -> Wish:
    at = fact.registered_at.isoformat()
    params = {"at": at, "name": fact.name}
    return Wish(principal=fact.principal_id, kind=Kind.PASSKEY_REGISTERED, params=params, once=at)


def _passkey_removed(fact: PasskeyRemoved) -> Wish:
    at = fact.removed_at.isoformat()
    return Wish(principal=fact.principal_id, kind=Kind.PASSKEY_REMOVED, params={"at": at}, once=str(fact.passkey_id))


def _locked(fact: CodesLocked) -> Wish:
    until = fact.locked_until.isoformat()
    return Wish(principal=fact.principal_id, kind=Kind.SECOND_FACTOR_LOCKED, params={"until_at": until}, once=until)


def _password(fact: PasswordChanged) -> Wish:
    at = fact.changed_at.isoformat()
    return Wish(principal=fact.principal_id, kind=Kind.PASSWORD_CHANGED, params={"at": at}, once=at)


def _elsewhere(fact: SessionOpenedElsewhere) -> Wish:
    params = {"at": fact.opened_at.isoformat(), "address": fact.address, "user_agent": fact.user_agent or "?"}
    return Wish(principal=fact.principal_id, kind=Kind.NEW_ADDRESS, params=params, once=str(fact.session_id))


def _connected(fact: ProgramConnected) -> Wish:
    at = fact.agreed_at.isoformat()
    params = {"at": at, "program": fact.program}
    return Wish(
        principal=fact.principal_id, kind=Kind.PROGRAM_CONNECTED, params=params, once=f"{fact.connection_id}:{at}"
    )


def _reused(fact: RefreshTokenReused) -> Wish:
    params = {"at": fact.ended_at.isoformat()}
    return Wish(principal=fact.principal_id, kind=Kind.TOKEN_REUSED, params=params, once=str(fact.session_id))


def _misused(fact: ApiKeyMisused) -> Wish:
    """Once an hour for each key, reason and address."""
    at = fact.refused_at.isoformat()
    params = {"at": at, "name": fact.name, "reason": fact.what, "address": fact.address or "?"}
    once = f"{fact.key_id}:{fact.what}:{fact.address}:{at[:13]}"
    return Wish(principal=fact.principal_id, kind=Kind.API_KEY_MISUSED, params=params, once=once)


def _alert(fact: PriceAlertFired) -> Wish:
    params = {
        "at": fact.fired_at.isoformat(),
        "symbol": fact.symbol,
        "direction": fact.direction,
        "price": canonical(fact.price),
        "composite": canonical(fact.composite),
    }
    return Wish(principal=fact.owner_id, kind=Kind.PRICE_ALERT, params=params, once=f"{fact.alert_id}:{fact.count}")


def _order(fact: OrderChanged) -> Wish | None:
    """What the customer did, or saw in the answer to the request, is no news."""
    if fact.status == OrderStatus.EXPIRED:
        kind = Kind.ORDER_EXPIRED
    elif fact.status == OrderStatus.CANCELLED and fact.reason == BY_A_CONTROL:
        kind = Kind.ORDER_CANCELLED
    else:
        return None
    params = {"symbol": fact.symbol, "order_id": str(fact.order_id), "filled": canonical(fact.filled_quantity)}
    return Wish(principal=fact.owner_id, kind=kind, params=params, once=str(fact.order_id))


_KYC = {
    CaseState.APPROVED: Kind.KYC_APPROVED,
    CaseState.REJECTED: Kind.KYC_REJECTED,
    CaseState.MORE_INFORMATION: Kind.KYC_MORE_INFORMATION,
}


def _kyc(fact: KycCaseDecided) -> Wish:
    params = {"level": str(fact.level), "reason": fact.reason}
    once = f"{fact.case_id}:{fact.version}"
    return Wish(principal=fact.customer_id, kind=_KYC[CaseState(fact.state)], params=params, once=once)


def _asked(kind: Kind, subject: UUID, at: datetime) -> Wish | None:
    """A letter that somebody asked for; asked for nobody, it is none."""
    if subject == SYSTEM:
        return None
    return Wish(principal=subject, kind=kind, params={"at": at.isoformat()}, once=f"{subject}:{at.isoformat()}")


def _registration(fact: RegistrationReceived) -> Wish | None:
    """To the address that was given: only who reads it learns whether it has an account."""
    kind = Kind.ACCOUNT_EXISTS if fact.known else Kind.CONFIRM_REGISTRATION
    return _asked(kind, fact.registration_id, fact.asked_at)


def _reset(fact: PasswordResetAsked) -> Wish | None:
    return _asked(Kind.PASSWORD_RESET, fact.principal_id, fact.asked_at)


def _joined(fact: StaffJoined) -> Wish | None:
    return _asked(Kind.STAFF_JOINED, fact.principal_id, fact.joined_at)


def _email_asked(fact: EmailChangeAsked) -> list[Wish | None]:
    kinds = (Kind.EMAIL_CHANGE_OLD, Kind.EMAIL_CHANGE_NEW)
    return [_asked(kind, fact.change_id, fact.asked_at) for kind in kinds]


def _email_changed(fact: EmailChanged) -> list[Wish | None]:
    """To both addresses: the old one is where the owner sits, if a thief did this."""
    return [
        _asked(Kind.EMAIL_MOVED_AWAY, fact.change_id, fact.changed_at),
        _asked(Kind.EMAIL_CHANGED, fact.principal_id, fact.changed_at),
    ]


def _factors_reset(fact: FactorsReset) -> Wish | None:
    return _asked(Kind.FACTORS_RESET, fact.principal_id, fact.reset_at)


def _frozen(fact: AccountFrozen) -> Wish | None:
    return _asked(Kind.ACCOUNT_FROZEN, fact.principal_id, fact.frozen_at)


def _shut(fact: AccountLocked) -> Wish | None:
    return _asked(Kind.ACCOUNT_LOCKED, fact.principal_id, fact.locked_at)


def _reopened(fact: AccountReopened) -> Wish | None:
    return _asked(Kind.ACCOUNT_REOPENED, fact.principal_id, fact.reopened_at)


_WISHES: dict[type, Callable[[Any], Wish | list[Wish | None] | None]] = {
    RegistrationReceived: _registration,
    PasswordResetAsked: _reset,
    StaffJoined: _joined,
    EmailChangeAsked: _email_asked,
    EmailChanged: _email_changed,
    FactorsReset: _factors_reset,
    AccountFrozen: _frozen,
    AccountLocked: _shut,
    AccountReopened: _reopened,
    SecondFactorEnrolled: _enrolled,
    SecondFactorRemoved: _removed,
    RecoveryCodesRenewed: _codes_renewed,
    PasskeyRegistered: _passkey,
    PasskeyRemoved: _passkey_removed,
    CodesLocked: _locked,
    PasswordChanged: _password,
    SessionOpenedElsewhere: _elsewhere,
    ProgramConnected: _connected,
    RefreshTokenReused: _reused,
    ApiKeyMisused: _misused,
    PriceAlertFired: _alert,
    OrderChanged: _order,
    KycCaseDecided: _kyc,
    **LOAN_WISHES,
    **EARN_WISHES,
    **DEPOSIT_WISHES,
    **WITHDRAWAL_WISHES,
}
TOPICS: tuple[str, ...] = tuple(topic_of_kind(kind) for kind in (*_WISHES, CustomerRegistered, *TREASURY_TOLD))


_NEWS: dict[type, Telling] = {
    OrderAccepted: as_it_stands(EventKind.ORDER_ACCEPTED, "owner_id"),
    OrderChanged: as_it_stands(EventKind.ORDER_CHANGED, "owner_id"),
    OrderFilled: as_it_stands(EventKind.ORDER_FILLED, "owner_id"),
    OrderClosed: as_it_stands(EventKind.ORDER_CLOSED, "owner_id"),
    PriceAlertFired: as_it_stands(EventKind.PRICE_ALERT_FIRED, "owner_id"),
    OrderPaid: as_it_stands(EventKind.PAYMENT_ORDER_PAID, "user_id"),
    OrderRefunded: as_it_stands(EventKind.PAYMENT_ORDER_REFUNDED, "user_id"),
    PaymentOrderClosed: as_it_stands(EventKind.PAYMENT_ORDER_CLOSED, "user_id"),
    **LOAN_NEWS,
    Subscribed: as_it_stands(EventKind.EARN_SUBSCRIBED, "customer_id"),
    Matured: as_it_stands(EventKind.EARN_MATURED, "customer_id"),
    RedeemedEarly: as_it_stands(EventKind.EARN_REDEEMED_EARLY, "customer_id"),
    Renewed: as_it_stands(EventKind.EARN_RENEWED, "customer_id"),
    RenewalRefused: as_it_stands(EventKind.EARN_RENEWAL_REFUSED, "customer_id"),
    MaturesSoon: as_it_stands(EventKind.EARN_MATURES_SOON, "customer_id"),
    **DEPOSIT_NEWS,
    AddressAdded: as_it_stands(EventKind.ADDRESS_ADDED, "customer_id"),
    WithdrawalRequested: as_it_stands(EventKind.WITHDRAWAL_REQUESTED, "customer_id"),
    WithdrawalSent: as_it_stands(EventKind.WITHDRAWAL_SENT, "customer_id"),
    WithdrawalCompleted: as_it_stands(EventKind.WITHDRAWAL_COMPLETED, "customer_id"),
    WithdrawalEnded: as_it_stands(EventKind.WITHDRAWAL_ENDED, "customer_id"),
}
"""What machines may be told, and whose it is."""
MACHINE_TOPICS: tuple[str, ...] = tuple(topic_of_kind(kind) for kind in (*_NEWS, WebhookTested))


def tell_machines(tx: Tx, facts: Sequence[Fact]) -> None:
    """Handle events of one tenant."""
    news: list[News] = []
    for fact in facts:
        if isinstance(fact.event, WebhookTested):
            deliver_test(tx, fact.id, fact.event)
        else:
            news += _NEWS[type(fact.event)](fact.id, fact.event)
    spread(tx, news)


def tell_people(tx: Tx, facts: Sequence[Fact]) -> None:
    """Handle events of one tenant."""
    wishes: list[Wish] = []
    for fact in facts:
        if isinstance(fact.event, CustomerRegistered):
            preferences.begin(tx, fact.event.principal_id, Language(fact.event.language))
            continue
        if is_ours(fact.event):
            continue  # told together below
        made = _WISHES[type(fact.event)](fact.event)
        found = [wish for wish in (made if isinstance(made, list) else [made]) if wish is not None]
        wishes += [wish if wish.once else replace(wish, once=str(fact.id)) for wish in found]
    wishes += treasury_wishes(tx, [(fact.id, fact.event) for fact in facts if is_ours(fact.event)])
    tell(tx, wishes)
