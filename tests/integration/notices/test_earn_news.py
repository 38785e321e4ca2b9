"""What customers and staff hear of earn: from the subscription to the payout, and of renewals."""

from datetime import date

import pytest

from earn.instances import service as instances
from earn.templates import service as templates
from kernel import db, outbox
from kernel.ids import uuid7
from kernel.outbox import Fact
from notices import tasks, texts
from notices.chat import tasks as chat_tasks
from notices.chat.rules import Alert, word
from notices.states import AT_STAKE, Kind, Language
from tests.earn_books import open_earn, utc
from tests.earn_facts import renewals
from tests.ledger_books import as_engine

TELLER = outbox.BatchConsumer("notices", tasks.TOPICS, tasks.tell_people)


@pytest.fixture
def earn(database):
    with open_earn(database) as books:
        yield books


def told(earn, customer):
    """(kind, parameters), the oldest first."""
    with as_engine(earn.database):
        while outbox.consume_together(TELLER):
            pass
    rows = earn.engine.execute(
        "SELECT kind, params FROM notices.notices WHERE principal_id = %s ORDER BY id", [customer]
    )
    return [(Kind(kind), params) for kind, params in rows]


def test_a_subscription_is_told_of_at_its_beginning_and_its_end(earn):
    earn.at(utc(2027, 1, 4, 12))
    one = earn.day(earn.template(tenor="30D", payout="weekly"), date(2027, 1, 4))
    customer = earn.saver()
    kept, left = earn.subscribe(customer, one, 1000), earn.subscribe(customer, one, 500)
    earn.redeem(customer, left)
    earn.at(utc(2027, 3, 1))
    earn.hour()
    heard = told(earn, customer)
    assert [(kind, params["subscription"]) for kind, params in heard] == [
        (Kind.EARN_SUBSCRIBED, str(kept)),
        (Kind.EARN_SUBSCRIBED, str(left)),
        (Kind.EARN_REDEEMED_EARLY, str(left)),
        (Kind.EARN_MATURED, str(kept)),
    ], "five payouts of a plan are no news, its end is"
    assert heard[0][1] == {"subscription": str(kept), "principal": "1000", "asset": "USDT", "maturity": "2027-02-04"}
    assert heard[2][1]["cash"] == "500"


def test_of_renewals_once_each_in_both_languages(earn):
    customer = earn.saver()
    facts = [Fact(uuid7(), "a topic", fact) for fact in renewals(customer, uuid7())]
    for _ in range(2):
        with as_engine(earn.database), db.transaction(tenant=earn.tenant) as tx:
            tasks.tell_people(tx, facts)
    heard = dict(told(earn, customer))
    assert set(heard) == {Kind.EARN_MATURES_SOON, Kind.EARN_RENEWED, Kind.EARN_RENEWAL_REFUSED}
    assert {Kind.EARN_MATURES_SOON, Kind.EARN_RENEWAL_REFUSED} < AT_STAKE

    def body(kind, language):
        return texts.render(kind, language, heard[kind]).body

    assert "the principal is subscribed again" in body(Kind.EARN_MATURES_SOON, Language.EN)
    assert "本金将续期" in body(Kind.EARN_MATURES_SOON, Language.ZH)
    assert "at 5.5 % a year until 2027-07-05. 4.1 USDT" in body(Kind.EARN_RENEWED, Language.EN)
    assert "but nothing of it was left. Its principal of 1000 USDT" in body(Kind.EARN_RENEWAL_REFUSED, Language.EN)
    assert "产品已售罄" in body(Kind.EARN_RENEWAL_REFUSED, Language.ZH)


def test_staff_hears_of_templates(earn, monkeypatch):
    heard = []
    monkeypatch.setattr(chat_tasks, "spread", lambda _tx, news: heard.extend(news))
    earn.at(utc(2027, 1, 4, 12))
    one = earn.day(earn.template(name="Quarterly"), date(2027, 1, 5)).instance
    actor = earn.known_customer()
    instances.stop(tenant=earn.tenant, actor=actor, instance_id=one.id, key=None)
    templates.retire(tenant=earn.tenant, actor=actor, template_id=one.template_id, number=1, key=None)
    with as_engine(earn.database):
        while outbox.consume_together(outbox.BatchConsumer("chat", chat_tasks.TOPICS, chat_tasks.tell_channels)):
            pass
    lines = word([Alert(news.kind, news.params) for news in heard], count=3, language=Language.EN).body.splitlines()
    assert lines == [
        "Template Quarterly (USDT) was published as version 1: it is sold from 2027-01-04 on.",
        f"The sale of 2027-01-05 of template {one.template_id} was stopped.",
        f"Version 1 of template {one.template_id} is retired: no more days are planned under it.",
    ]
