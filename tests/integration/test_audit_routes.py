"""Every route that is no GET is written down: by the door of commands, by a step of its own, or here stands why not.

A new route that forgets fails: it is in neither list. The actions are compared with what the code can write.
"""

from __future__ import annotations

import ast
from pathlib import Path

from kernel.settings import Mode, Settings
from rivermouth import audited, openapi
from rivermouth.http import create_app

ROOT = Path(__file__).resolve().parents[2]
_COMPAT = "/compat/binance/api/v3/"

AUDITED = {
    "POST /v1/sessions": "session.opened login.refused second_factor.refused",
    "POST /v1/sessions/passkey": "session.opened",
    "POST /v1/sessions/refresh": "session.refreshed session.ended refresh_token.reused",
    "DELETE /v1/sessions": "session.ended",
    "DELETE /v1/sessions/current": "session.ended",
    "DELETE /v1/sessions/{id}": "session.ended",
    "POST /v1/step-up": "session.proven recovery_code.used second_factor.locked step_up.refused",
    "POST /v1/mfa/totp": "second_factor.offered",
    "POST /v1/mfa/totp/confirm": "second_factor.enrolled second_factor.locked session.ended",
    "DELETE /v1/mfa/totp": "second_factor.removed session.ended",
    "POST /v1/mfa/passkeys/confirm": "passkey.registered",
    "DELETE /v1/mfa/passkeys/{id}": "passkey.removed session.ended",
    "POST /v1/approvals/{id}/approve": "approval.granted",
    "POST /v1/approvals/{id}/reject": "approval.rejected",
    "POST /v1/mfa/recovery-codes": "recovery_codes.renewed",
    "POST /v1/me/password": "password.changed session.ended",
    "POST /v1/registrations/verify": "principal.registered",
    "POST /v1/password-resets/confirm": "password.reset session.ended",
    "POST /v1/me/email": "email_change.asked",
    "POST /v1/email-changes/confirm": "email_change.confirmed email.changed session.ended",
    "POST /v1/account-freezes": "principal.frozen session.ended api_key.revoked",
    "PATCH /v1/customers/{id}": "principal.locked principal.unlocked principal.renamed account_change.asked session.ended",
    "POST /v1/staff": "staff.asked",
    "PATCH /v1/staff/{id}": "principal.locked principal.disabled principal.unlocked account_change.asked session.ended",
    "POST /v1/api-keys": "api_key.created",
    "DELETE /v1/api-keys/{id}": "api_key.revoked",
    "POST /oauth/token": "oauth_session.opened session.refreshed session.ended",
    "POST /oauth/revoke": "session.ended",
    "POST /v1/oauth/clients": "oauth_client.created",
    "DELETE /v1/oauth/clients/{id}": "oauth_client.removed oauth_connection.ended session.ended",
    "POST /v1/oauth/clients/{id}/proposals": "oauth_connection.proposed",
    "POST /v1/oauth/connections/{id}/agree": "oauth_connection.agreed",
    "DELETE /v1/oauth/connections/{id}": "oauth_connection.ended session.ended",
    "POST /v1/oauth/consent": "oauth_connection.agreed",
    "POST /v1/oauth/devices": "oauth_device.answered oauth_connection.agreed",
    "POST /v1/oauth/devices/refuse": "oauth_device.answered",
    "PATCH /v1/markets/{symbol}": "market.changed",
    "POST /v1/kyc/cases": "kyc_case.begun",
    "PUT /v1/kyc/cases/{id}/applicant": "kyc_case.changed",
    "POST /v1/kyc/cases/{id}/documents": "kyc_document.added",
    "POST /v1/kyc/cases/{id}/submit": "kyc_case.submitted",
    "POST /v1/kyc/cases/{id}/decision": "kyc_case.decided standing.changed",
    "POST /v1/kyc/documents/{id}/links": "kyc_document.shown",
    "POST /v1/screenings/{id}/decision": "screening.decided standing.changed",
    "POST /v1/eligibility/rules": "country_rule.written",
    "PATCH /v1/tenants/{id}": "tenant.changed",
    "PATCH /v1/tenants/{id}/policy": "policy.change_asked policy.tightened",
    "POST /v1/tenants/{id}/policy-changes/{change_id}/withdraw": "policy_change.withdrawn",
    "POST /v1/webhooks": "webhook.made",
    "DELETE /v1/webhooks/{id}": "webhook.removed",
    "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay": "webhook_delivery.replayed",
    "POST /v1/channels": "channel.made",
    "DELETE /v1/channels/{id}": "channel.removed",
    "POST /v1/webhooks/{id}/test": "webhook.tested",
    "PUT /v1/notice-preferences": "notice_preferences.set",
    "POST /v1/price-alerts": "price_alert.made",
    "DELETE /v1/price-alerts/{id}": "price_alert.cancelled",
    "POST /v1/orders": "order.placed",
    "POST /v1/orders:batch": "order.placed",
    "POST /v1/orders/oco": "order_pair.placed",
    "POST /v1/orders/{order_id}/replace": "order.replaced order.cancelled",
    "PATCH /v1/orders/{order_id}": "order.amended",
    "DELETE /v1/orders": "order.cancelled",
    "DELETE /v1/orders/{order_id}": "order.cancelled",
    "POST /v1/quotes/{id}/accept": "quote.accepted",
    f"POST {_COMPAT}order": "order.placed",
    f"POST {_COMPAT}order/cancelReplace": "order.placed order.cancelled",
    f"DELETE {_COMPAT}order": "order.cancelled",
    f"DELETE {_COMPAT}openOrders": "order.cancelled",
    "POST /v1/controls": "control.set",
    "POST /v1/controls/{id}/lift": "control.lifted",
    "POST /v1/controls/windows": "maintenance.announced",
    "POST /v1/controls/windows/{id}/end": "maintenance.ended",
    "PUT /v1/controls/limits": "limits.set",
    "PATCH /v1/controls/markets/{symbol}": "guards.set",
    "PUT /v1/controls/toxicity/{id}": "toxicity.decided",
    "POST /v1/venue-orders/{id}/decisions": "decision.proposed",
    "POST /v1/decisions/{id}/confirm": "decision.confirmed",
    "POST /v1/decisions/{id}/withdraw": "decision.withdrawn",
    "POST /v1/treasury/lines": "treasury_line.set",
    "POST /v1/treasury/alerts/{id}/ack": "treasury_alert.acknowledged",
    "POST /v1/fees/schedules": "fees.published",
    "POST /v1/fees/overrides": "fees.agreed",
    "POST /v1/transfers": "transfer.posted transfer.stored",
    "POST /v1/transfers:batch": "transfer_batch.sent transfer.posted",
    "POST /v1/transfers/{id}/approve": "transfer.approved",
    "POST /v1/transfers/{id}/cancel": "transfer.cancelled",
    "POST /v1/transfers/{id}/reverse": "transfer.reversed",
    "POST /v1/products": "product.published",
    "PATCH /v1/products/{sku}": "product.changed",
    "POST /v1/lending/funding-lines": "funding_line.asked",
    "PATCH /v1/lending/funding-lines/{id}": "funding_line.changed funding_line.change_asked",
    "POST /v1/loans": "loan.opened",
    "PATCH /v1/loans/{id}": "loan.changed",
    "POST /v1/loans/{id}/repayments": "loan.repaid",
    "POST /v1/loans/{id}/collateral": "loan.topped_up",
    "POST /v1/loans/{id}/collateral-withdrawals": "loan.withdrawn_from",
    "POST /v1/loans/{id}/extensions": "loan.extended",
    "POST /v1/loan-products": "loan_product.drafted",
    "PUT /v1/loan-products/{id}": "loan_product.edited",
    "POST /v1/loan-products/{id}/publish": "loan_product.asked",
    "POST /v1/loan-products/{id}/retire": "loan_product.retired",
    "POST /v1/earn/templates": "earn_template.drafted",
    "PUT /v1/earn/templates/{id}": "earn_template.edited",
    "POST /v1/earn/templates/{id}/publish": "earn_template.asked",
    "POST /v1/earn/templates/{id}/retire": "earn_template.retired",
    "POST /v1/earn/instances:generate": "earn_sales.planned",
    "POST /v1/earn/instances/{id}/stop": "earn_sale.stopped",
    "POST /v1/treasury/cold-spends": "cold_spend.asked",
    "DELETE /v1/treasury/cold-spends/{id}": "cold_spend.cancelled",
    "POST /v1/treasury/cold-spends/{id}/signatures": "cold_signature.handed_in",
    "POST /v1/treasury/transfers": "treasury_transfer.asked",
    "DELETE /v1/treasury/transfers/{id}": "treasury_transfer.cancelled",
    "POST /v1/treasury/transfers/{id}/settle": "treasury_settlement.asked",
    "POST /v1/treasury/transfers/{id}/decisions": "treasury_decision.asked",
    "POST /v1/treasury/addresses": "treasury_address.asked",
    "DELETE /v1/treasury/addresses/{id}": "treasury_address.removed",
    "POST /v1/earn/coupons": "earn_coupon.drafted",
    "POST /v1/earn/coupons/{id}/publish": "earn_coupon.asked",
    "POST /v1/earn/coupons/{id}/stop": "earn_coupon.stopped",
    "POST /v1/earn/subscriptions": "subscription.made",
    "POST /v1/earn/subscriptions/{id}/redemptions": "subscription.redeemed",
    "PUT /v1/earn/subscriptions/{id}/renewal": "subscription.renewal_chosen",
    "POST /v1/earn/payouts:run": "earn_payouts.run",
    "POST /v1/deposits/{id}/release": "deposit_release.asked",
    "POST /v1/deposits/{id}/refund": "deposit_refund.asked",
    "POST /v1/treasury/suspense/{id}/claim": "deposit_claim.asked",
    "POST /v1/address-book": "address.added",
    "DELETE /v1/address-book/{id}": "address.removed",
    "POST /v1/withdrawals": "withdrawal.asked",
    "DELETE /v1/withdrawals/{id}": "withdrawal.cancel_asked",
    "POST /v1/withdrawals/{id}/release": "withdrawal.release_asked",
    "POST /v1/withdrawals/{id}/reject": "withdrawal.rejected",
    "POST /v1/withdrawals/{id}/decisions": "withdrawal_decision.proposed",
    "POST /v1/lending/entered-prices": "entered_price.proposed",
    "POST /v1/lending/liquidations/{id}/price": "liquidation.priced",
    "POST /v1/lending/liquidations/{id}/write-off": "write_off.asked",
    "PUT /v1/lending/breakers": "liquidation_breaker.set",
    "POST /v1/payment-orders": "payment_order.created",
    "POST /v1/payment-orders/{id}/prepay": "payment_order.prepaid",
    "POST /v1/payment-orders/{id}/pay": "payment_order.paid",
    "POST /v1/payment-orders/{id}/cancel": "payment_order.cancelled",
    "POST /v1/payment-orders/{id}/refund": "payment_order.refunded",
    "POST /v1/ledger/exports": "export.requested",
    "POST /v1/ledger/imports": "import.sent",
    "POST /v1/ledger/imports/{id}/approve": "import.approved",
    "POST /v1/ledger/imports/{id}/reject": "import.rejected",
    "POST /v1/reserves/snapshots": "reserves_snapshot.asked",
    "POST /v1/reconciliation/runs": "reconciliation_run.started",
    "POST /v1/reconciliation/statements": "statement.kept",
    "POST /v1/reconciliation/breaks/{id}/resolve": "break.proposed",
    "POST /v1/reconciliation/breaks/{id}/confirm": "break.confirmed",
    "POST /v1/reconciliation/breaks/{id}/reject": "break.rejected",
    "POST /v1/reconciliation/breaks/{id}/notes": "break.noted",
    "POST /v1/reconciliation/breaks/{id}/assign": "break.assigned",
    "POST /v1/sandbox/deposits": "sandbox.deposited",
    "POST /v1/sandbox/venue-balances": "sandbox.venue_balance_set",
    "POST /v1/sandbox/clock": "sandbox.clock_advanced",
}
_CHAIN = "plays with the demo's own chain; what comes of it is written where it is booked"
_SIMULATOR = "moves the simulated venues, which are outside our books"
_LISTEN_KEY = "a name in Valkey for an hour, by which a line is heard; the key that opened it is written down"
_MARK = "a mark of one's own in one's own inbox"
_CHALLENGE = "a question that is forgotten after five minutes; its answer is written down"
_MAIL = "asks for a mail, and changes nothing; what its link does is written down"
NOT_AUDITED = {
    "POST /v1/custodian/hooks": "only makes the reader look; what it finds is written where it is booked",
    "POST /v1/oauth/consent/refuse": "a no changes nothing; the program is told",
    "POST /oauth/device_authorization": "a question that is forgotten after ten minutes; its answer is written down",
    "POST /oauth/introspect": "tells a program about its own token and changes nothing",
    "POST /v1/registrations": _MAIL,
    "POST /v1/registrations/resend": _MAIL,
    "POST /v1/password-resets": _MAIL,
    "POST /v1/notices/read": _MARK,
    "POST /v1/notices/{id}/read": _MARK,
    "POST /v1/sessions/passkey-offers": _CHALLENGE,
    "POST /v1/mfa/passkeys": _CHALLENGE,
    "POST /v1/step-up/passkey": _CHALLENGE,
    "POST /v1/lending/stress": "reckons what prices would do; nothing is kept and nothing is done",
    "POST /v1/quotes": "a price that was told; nothing is promised until it is accepted, which is written down",
    f"POST {_COMPAT}order/test": "reads an order and changes nothing",
    f"POST {_COMPAT}userDataStream": _LISTEN_KEY,
    f"PUT {_COMPAT}userDataStream": _LISTEN_KEY,
    f"DELETE {_COMPAT}userDataStream": _LISTEN_KEY,
    "POST /v1/loan-quotes": "a price that was told; nothing is promised until it is accepted, which is written down",
    "POST /v1/loans/{id}/what-if": "calculates; nothing is kept",
    "POST /v1/loan-products:lines": "looks at a product that is being typed; nothing is kept",
    "POST /v1/loan-schedules:preview": "calculates; nothing is kept",
    "POST /v1/earn/templates/{id}/preview": "calculates; nothing is kept",
    "POST /v1/earn/instances/{id}/preview": "calculates; nothing is kept",
    "POST /v1/sandbox/prices": _SIMULATOR,
    "POST /v1/sandbox/faults": _SIMULATOR,
    "DELETE /v1/sandbox/faults/{fault_id}": _SIMULATOR,
    "POST /v1/sandbox/reset": _SIMULATOR,
    "POST /v1/sandbox/chain/payments": _CHAIN,
    "POST /v1/sandbox/chain/blocks": _CHAIN,
    "POST /v1/sandbox/chain/reorgs": _CHAIN,
}


def _written():
    """The actions that some line of the product writes by itself: the first text given to `record`, `prepare` and their like."""
    found = set()
    for package in (
        "identity",
        "markets",
        "payments",
        "wallet_bridge",
        "broker",
        "lending",
        "earn",
        "notices",
        "rivermouth",
    ):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                    if name in {"record", "prepare", "_tell", "_decided", "note"}:
                        found.update(texts)
    return found


def test_every_route_that_changes_something_is_written_down_or_says_why_not():
    routes = {f"{method} {path}" for method, path, _ in openapi.routes(create_app(Settings(mode=Mode.SANDBOX)))}
    writes = {route for route in routes if route.split()[0] not in {"GET", "HEAD", "OPTIONS", "WEBSOCKET"}}
    assert writes - set(AUDITED) - set(NOT_AUDITED) == set(), "say how it is written down, or why not"
    assert (set(AUDITED) | set(NOT_AUDITED)) - writes == set(), "there are no such routes any more"
    assert set(AUDITED) & set(NOT_AUDITED) == set()


def test_every_action_can_be_written():
    possible = _written() | {action for action in audited.ACTIONS.values() if action}
    promised = {action for actions in AUDITED.values() for action in actions.split()}
    assert promised - possible == set()


def test_every_command_of_the_product_has_a_name():
    """All routes that anybody hands to `commands.run`, as they stand in the code."""
    named = set()
    for package in ("identity", "markets", "payments", "wallet_bridge", "broker", "lending", "earn", "notices"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                text = _text(node)
                if text is not None and (
                    text.startswith(("POST /v1/", "PATCH /v1/")) or text in {"transfers", "price_alerts"}
                ):
                    named.add(text)
    assert len(named) >= 25
    verbs = {
        f"POST /v1/{of}/{{id}}/{{id}}" for of in ("approvals", "reconciliation/breaks", "loans")
    }  # variables; each is in the table
    assert named - set(audited.ACTIONS) - verbs == set()


def _text(node):
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "\n" not in node.value
        and "`" not in node.value
    ):
        return None if node.value.endswith("/") else node.value  # the beginning of one that is put together
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{id}" for part in node.values)
    return None
