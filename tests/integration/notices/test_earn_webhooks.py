"""Partners' programs hear of subscriptions, signed, and of their own customers' only."""

from datetime import date
from decimal import Decimal as D

from standardwebhooks import Webhook

from earn.subscriptions.events import Matured, RedeemedEarly, Subscribed
from kernel import cache
from kernel.ids import uuid7
from kernel.settings import settings
from notices.webhooks import service
from tests.earn_facts import renewals
from tests.integration.notices.test_webhook_posting import Receiver
from tests.integration.notices.test_webhooks import Integrator


def test_programs_are_told_signed_with_the_facts_as_they_stand(house, monkeypatch):
    cache.client().flushall()
    receiver = Receiver()
    given = settings().model_copy(update={"webhook_private_targets": receiver.here})
    monkeypatch.setattr(service, "settings", lambda: given)
    partner = Integrator(house, receiver)
    try:
        wanted = [f"earn.{what}" for what in (
            "subscribed", "matured", "redeemed_early", "matures_soon", "renewed", "renewal_refused"
        )]  # fmt: skip
        made, one = partner.make(wanted), uuid7()
        partner.told(
            Subscribed(one, partner.id, uuid7(), "USDT", D(1000), date(2027, 4, 5)),
            Matured(one, partner.id, "USDT", D(1000)),
            RedeemedEarly(one, partner.id, "USDT", D(1000), D("999.5")),
            *renewals(partner.id, one),
            Matured(uuid7(), uuid7(), "USDT", D(1)),  # of somebody else
        )
        partner.try_now(made)
        heard = [Webhook(made["secret"]).verify(body, headers) for _, headers, body in receiver.got]
    finally:
        receiver.close()
    assert sorted(each["type"] for each in heard) == sorted(wanted)
    data = {each["type"]: each["data"] for each in heard}
    assert {each["subscription_id"] for each in data.values()} == {str(one)}
    assert (data["earn.redeemed_early"]["cash"], data["earn.matures_soon"]["renewal"]) == ("999.5", "renew_principal")
    assert (data["earn.renewed"]["apr"], data["earn.renewed"]["maturity"]) == ("0.055", "2027-07-05")
    assert data["earn.renewal_refused"]["reason"] == "sold_out"
