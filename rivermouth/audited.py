"""What the audit calls the commands of the product. Whatever goes through `kernel.commands` is written down by this table.

Names are stable: somebody searches for them years later. A command that is not in the table is written down under its route.
"""

from __future__ import annotations

import re

from identity.audit import service as audit
from kernel import commands
from kernel.commands import Done

ACTIONS: dict[str, str | None] = {
    "POST /v1/sessions": "session.opened",
    "POST /v1/api-keys": "api_key.created",
    "POST /v1/oauth/clients": "oauth_client.created",
    "POST /v1/oauth/clients/{id}/proposals": "oauth_connection.proposed",
    "POST /v1/staff": "staff.asked",
    "POST /v1/approvals/{id}/approve": "approval.granted",
    "POST /v1/approvals/{id}/reject": "approval.rejected",
    "POST /v1/kyc/cases": "kyc_case.begun",
    "POST /v1/kyc/cases/{id}/documents": "kyc_document.added",
    "POST /v1/kyc/cases/{id}/submit": "kyc_case.submitted",
    "POST /v1/kyc/cases/{id}/decision": "kyc_case.decided",
    "POST /v1/screenings/{id}/decision": "screening.decided",
    "POST /v1/eligibility/rules": "country_rule.written",
    "PATCH /v1/tenants": "tenant.changed",
    "PATCH /v1/tenants/policy": "policy.change_asked",
    "POST /v1/tenants/policy-changes/{id}/withdraw": "policy_change.withdrawn",
    "POST /v1/webhooks": "webhook.made",
    "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay": "webhook_delivery.replayed",
    "POST /v1/channels": "channel.made",
    "POST /v1/webhooks/{id}/test": "webhook.tested",
    "price_alerts": "price_alert.made",
    "POST /v1/orders": "order.placed",
    "POST /v1/orders:batch": None,  # only ties a key to a body: each order of it is a command of its own
    "POST /v1/orders/oco": "order_pair.placed",
    "POST /v1/orders/{id}/replace": "order.replaced",
    "POST /v1/quotes": None,  # a price that was told, and is forgotten within an hour; taking it is `quote.accepted`
    "POST /v1/quotes/{id}/accept": "quote.accepted",
    "POST /v1/controls": "control.set",
    "POST /v1/controls/lift": "control.lifted",
    "POST /v1/controls/windows": "maintenance.announced",
    "POST /v1/controls/windows/end": "maintenance.ended",
    "POST /v1/controls/toxicity": "toxicity.decided",
    "POST /v1/venue-orders/{id}/decisions": "decision.proposed",
    "POST /v1/treasury/lines": "treasury_line.set",
    "POST /v1/treasury/alerts/{id}/ack": "treasury_alert.acknowledged",
    "POST /v1/fees/schedules": "fees.published",
    "POST /v1/fees/overrides": "fees.agreed",
    "POST /v1/payment-orders": "payment_order.created",
    "POST /v1/payment-orders/{id}/prepay": "payment_order.prepaid",
    "POST /v1/payment-orders/{id}/pay": "payment_order.paid",
    "POST /v1/payment-orders/{id}/cancel": "payment_order.cancelled",
    "POST /v1/payment-orders/{id}/refund": "payment_order.refunded",
    "POST /v1/products": "product.published",
    "PATCH /v1/products": "product.changed",
    "POST /v1/lending/funding-lines": "funding_line.asked",
    "PATCH /v1/lending/funding-lines/{id}": None,  # it writes down itself whether it counts or waits, with what was and what shall be
    "POST /v1/loan-quotes": None,  # a price that was told, and is forgotten within a day; taking it is `loan.opened`
    "POST /v1/loans": "loan.opened",
    "POST /v1/loans/{id}/repayments": "loan.repaid",
    "POST /v1/loans/{id}/collateral": "loan.topped_up",
    "POST /v1/loans/{id}/collateral-withdrawals": "loan.withdrawn_from",
    "POST /v1/loans/{id}/extensions": "loan.extended",
    "PATCH /v1/loans": "loan.changed",
    "POST /v1/loan-products": "loan_product.drafted",
    "PUT /v1/loan-products": "loan_product.edited",
    "POST /v1/loan-products/{id}/publish": "loan_product.asked",
    "POST /v1/loan-products/{id}/retire": "loan_product.retired",
    "POST /v1/treasury/cold-spends": "cold_spend.asked",
    "DELETE /v1/treasury/cold-spends/{id}": "cold_spend.cancelled",
    "POST /v1/treasury/cold-spends/{id}/signatures": "cold_signature.handed_in",
    "POST /v1/treasury/transfers": "treasury_transfer.asked",
    "DELETE /v1/treasury/transfers/{id}": "treasury_transfer.cancelled",
    "POST /v1/treasury/transfers/{id}/settle": "treasury_settlement.asked",
    "POST /v1/treasury/transfers/{id}/decisions": "treasury_decision.asked",
    "POST /v1/treasury/addresses": "treasury_address.asked",
    "DELETE /v1/treasury/addresses/{id}": "treasury_address.removed",
    "POST /v1/earn/templates": "earn_template.drafted",
    "PUT /v1/earn/templates": "earn_template.edited",
    "POST /v1/earn/templates/{id}/publish": "earn_template.asked",
    "POST /v1/earn/templates/{id}/retire": "earn_template.retired",
    "POST /v1/earn/instances/{id}/stop": "earn_sale.stopped",
    "POST /v1/earn/coupons": "earn_coupon.drafted",
    "POST /v1/earn/coupons/{id}/publish": "earn_coupon.asked",
    "POST /v1/earn/coupons/{id}/stop": "earn_coupon.stopped",
    "POST /v1/earn/subscriptions": "subscription.made",
    "POST /v1/earn/subscriptions/{id}/redemptions": "subscription.redeemed",
    "PUT /v1/earn/subscriptions/{id}/renewal": "subscription.renewal_chosen",
    "POST /v1/address-book": "address.added",
    "POST /v1/withdrawals": "withdrawal.asked",
    "POST /v1/withdrawals/{id}/release": "withdrawal.release_asked",
    "POST /v1/withdrawals/{id}/reject": "withdrawal.rejected",
    "POST /v1/withdrawals/{id}/decisions": "withdrawal_decision.proposed",
    "POST /v1/lending/entered-prices": "entered_price.proposed",
    "POST /v1/lending/liquidations/{id}/price": "liquidation.priced",
    "POST /v1/lending/liquidations/{id}/write-off": "write_off.asked",
    "POST /v1/deposits/{id}/release": "deposit_release.asked",
    "POST /v1/deposits/{id}/refund": "deposit_refund.asked",
    "POST /v1/treasury/suspense/{id}/claim": "deposit_claim.asked",
    "transfers": "transfer.stored",
    "transfers:batch": "transfer_batch.sent",
    "transfers/approve": "transfer.approved",
    "transfers/cancel": "transfer.cancelled",
    "transfers/reverse": "transfer.reversed",
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
}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OTHER = re.compile(r"[^a-z0-9]+")


def action_of(done: Done) -> str | None:
    """The action of a command; None for one that changes nothing by itself."""
    route = _ID.sub("{id}", done.route)
    if route in ACTIONS:
        return ACTIONS[route]
    return "command." + (_OTHER.sub("_", route.lower()).strip("_")[:60] or "unnamed")


def begin() -> None:
    """From now on this process writes down every command."""
    commands.tell(audit.witness(action_of))
