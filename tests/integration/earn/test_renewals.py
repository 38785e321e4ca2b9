"""At the maturity: renewed in every way, moved, refused and paid out; after a pause as if every day had been run."""

from datetime import date, timedelta

import pytest

from earn.instances import service as instances
from earn.payouts import service as payouts
from earn.payouts import tasks
from earn.plans.errors import AlreadyMatured
from earn.renewals import service as renewals
from earn.subscriptions.errors import SubscriptionEnded
from kernel import schedules
from kernel.ids import uuid7
from rivermouth import earn_parts
from tests.earn_books import D, open_earn, utc
from tests.ledger_books import as_engine

SALE = date(2031, 1, 30)  # five days of interest from the 31st, the maturity on 5 February
CHOICES = ["pay_out", "renew_principal", "renew_all"]


@pytest.fixture
def week(earn):
    """A template of five days whose customers may do anything with the maturity, and the one they may move to."""
    earn.at(utc(2031, 1, 30, 9))
    target = earn.template(tenor="10D", payout="at_maturity", apr="0.08", minimum="100", step="100")
    return earn, offered(earn, move_to=str(target)), target


def offered(earn, **changes):
    terms = {"tenor": "5D", "payout": "daily", "apr": "0.05", "renewals": CHOICES, "minimum": "100", "step": "10"}
    if "move_to" in changes:
        terms["renewals"] = [*CHOICES, "move"]
    return earn.template(**(terms | changes))


def ran(earn, *moments):
    for moment in moments:
        earn.at(moment)
        earn.hour()


def interest(view):
    return sum(row.interest for row in view.rows if row.status.value == "paid")


def test_the_principal_goes_on_without_a_day_between(week):
    earn, template, _ = week
    customer = earn.saver("1000")
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="renew_principal")
    ran(earn, utc(2031, 2, 4, 23, 59))
    assert earn.look(one).subscription.status.value == "active"
    earn.at(utc(2031, 2, 5, 0, 1))
    assert earn.hour() == 1
    old, new = earn.chain(one)
    assert (old.subscription.status.value, {row.status.value for row in old.rows}) == ("renewed", {"paid"})
    made = new.subscription
    assert (made.renewed_from, made.principal, made.renewal.value) == (one, 1000, "renew_principal")
    assert (made.value_date, made.maturity) == (date(2031, 2, 5), date(2031, 2, 10))
    assert new.instance.dates.sale_date == date(2031, 2, 4), "the sale of yesterday, whose interest begins today"
    assert earn.has(customer) == D("0.684931")
    assert earn.owed(template)[0] == 1000
    assert earn.told("earn.matured.v1") == []
    (told,) = earn.told("earn.renewed.v1")
    assert (told["into"], told["principal"], told["apr"], told["maturity"]) == (
        str(made.id), "1000", "0.05", "2031-02-10",
    )  # fmt: skip
    assert D(told["paid_out"]) == old.rows[-1].interest
    assert (earn.hour(), len(earn.chain(one))) == (0, 2), "again nothing happens"


def test_principal_and_interest_go_on_in_whole_steps_and_the_rest_is_paid_out(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = offered(earn, payout="at_maturity", renewals=["renew_all"], step="0.01", minimum="100")
    customer = earn.saver("5000")
    one = earn.subscribe(customer, earn.day(template, SALE), "5000")
    ran(earn, utc(2031, 2, 5))
    old, new = earn.chain(one)
    assert (old.rows[-1].interest, new.subscription.principal) == (D("3.424657"), D("5003.42"))
    assert earn.has(customer) == D("0.004657")
    assert D(earn.told("earn.renewed.v1")[0]["paid_out"]) == D("0.004657")


def test_a_move_goes_into_the_other_template_and_arrives(week):
    earn, template, target = week
    customer = earn.saver("1000")
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="move")
    ran(earn, utc(2031, 2, 5))
    new = earn.chain(one)[-1].subscription
    assert (new.template_id, new.apr_applied, new.renewal.value) == (target, D("0.08"), "pay_out")
    assert (earn.owed(template)[0], earn.owed(target)[0]) == (0, 1000)
    ran(earn, utc(2031, 2, 15), utc(2031, 2, 16))
    assert (earn.owed(template), earn.owed(target)) == ((0, 0), (0, 0))


def test_a_day_without_a_sale_before_it_waits_for_the_one_that_is_on_sale(earn):
    earn.at(utc(2031, 1, 30, 9))
    early = {"opens": "09:00", "closes": "17:00", "renewals": ["renew_principal"]}
    template = offered(earn, holidays=["2031-02-04"], **early)
    closed = offered(earn, holidays=["2031-02-04", "2031-02-05"], **early)
    customer = earn.saver("2000")
    goes_on, ends = (earn.subscribe(customer, earn.day(each, SALE), "1000") for each in (template, closed))
    ran(earn, utc(2031, 2, 5, 0))
    new = earn.chain(goes_on)[-1]
    assert (new.instance.dates.sale_date, new.subscription.value_date) == (date(2031, 2, 5), date(2031, 2, 6))
    assert (earn.look(ends).subscription.status.value, earn.look(ends).subscription.renewal_refused) == (
        "paid_out", "sale_not_open",
    )  # fmt: skip


def stopped(earn, _template, day, _customer):
    instances.stop(tenant=earn.tenant, actor=uuid7(), instance_id=day.instance.id, key=None)


def bought_out(earn, _template, day, _customer):
    earn.subscribe(earn.saver(), day, "9500")


def capped(earn, _template, day, customer):
    earn.subscribe(customer, day, "500")


def barred(earn, _template, _day, customer):
    earn.engine.execute("UPDATE identity.standings SET level = 0 WHERE customer_id = %s", [customer])


@pytest.mark.parametrize(
    ("changes", "how", "reason"),
    [
        ({}, stopped, "sale_not_open"),
        ({}, bought_out, "sold_out"),
        ({"customer_day_cap": "1000"}, capped, "cap_reached"),
        ({}, barred, "not_eligible"),
    ],
)
def test_what_cannot_be_renewed_is_paid_out_with_the_reason(earn, changes, how, reason):
    earn.at(utc(2031, 1, 30, 9))
    template, customer, other = offered(earn, **changes), earn.saver("2000"), earn.saver("1000")
    mine, others = (
        earn.subscribe(who, earn.day(template, SALE), "1000", renewal="renew_principal") for who in (customer, other)
    )
    earn.at(utc(2031, 2, 4, 9))
    how(earn, template, earn.day(template, date(2031, 2, 4)), customer)
    before = earn.has(customer)
    ran(earn, utc(2031, 2, 5))
    view = earn.look(mine)
    assert (view.subscription.status.value, view.subscription.renewal_refused) == ("paid_out", reason)
    assert earn.has(customer) == before + 1000 + interest(view)
    told = {one["subscription_id"]: one for one in earn.told("earn.renewal_refused.v1")}
    assert (told[str(mine)]["reason"], told[str(mine)]["principal"]) == (reason, "1000")
    assert str(mine) in {one["subscription_id"] for one in earn.told("earn.matured.v1")}
    if reason in {"cap_reached", "not_eligible"}:
        assert earn.look(others).subscription.status.value == "renewed", "the others go on"
    earn.hour()
    assert len(earn.told("earn.renewal_refused.v1")) == len(told)


def test_a_principal_that_the_other_template_does_not_take_is_paid_out(earn):
    earn.at(utc(2031, 1, 30, 9))
    target = earn.template(minimum="2000", step="1000", daily_quota="10000")
    template = offered(earn, move_to=str(target))
    one = earn.subscribe(earn.saver(), earn.day(template, SALE), "1000", renewal="move")
    ran(earn, utc(2031, 2, 5))
    assert earn.look(one).subscription.renewal_refused == "principal_unfit"


def test_a_cap_is_given_back_before_it_counts_again(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = offered(earn, customer_cap="1000")
    one = earn.subscribe(earn.saver(), earn.day(template, SALE), "1000", renewal="renew_principal")
    ran(earn, utc(2031, 2, 5), utc(2031, 2, 10))
    assert [view.subscription.status.value for view in earn.chain(one)] == ["renewed", "renewed", "active"]


def test_the_terms_are_those_of_the_new_day(earn):
    """A newer version governs by then: its rate counts, and where it no longer offers the choice, its own first one."""
    earn.at(utc(2031, 1, 30, 9))
    template = offered(earn, renewals=["renew_principal"])
    one = earn.subscribe(earn.saver(), earn.day(template, SALE), "1000")
    earn.publish(template, apr="0.03", tenor="5D", payout="daily", renewals=["pay_out"])
    ran(earn, utc(2031, 2, 5))
    new = earn.chain(one)[-1]
    assert (new.instance.version, new.subscription.apr_applied, new.subscription.renewal.value) == (
        2, D("0.03"), "pay_out",
    )  # fmt: skip


def test_the_choice_may_be_changed_until_the_maturity(week):
    earn, template, _ = week
    customer = earn.saver("1000")
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="renew_all")
    earn.at(utc(2031, 2, 4, 23, 59))
    earn.choose(customer, one, "pay_out")
    earn.at(utc(2031, 2, 5))
    with pytest.raises(AlreadyMatured):
        earn.choose(customer, one, "renew_all")
    earn.hour()
    with pytest.raises(SubscriptionEnded):
        earn.choose(customer, one, "renew_all")
    assert earn.has(customer) == 1000 + interest(earn.look(one))


@pytest.mark.parametrize(
    "broken", ["renewed_from = NULL", "customer_id = account_owner", "value_date = value_date - 1"]
)
def test_a_chain_that_does_not_hold_is_found(week, broken):
    earn, template, _ = week
    one = earn.subscribe(earn.saver(), earn.day(template, SALE), "1000", renewal="renew_principal")
    ran(earn, utc(2031, 2, 5))
    new = earn.chain(one)[-1].subscription
    whole = f"renewed_from = '{one}', customer_id = '{new.customer_id}', value_date = '{new.value_date}'"
    for change, found in ((broken.replace("account_owner", f"'{uuid7()}'"), 1), (whole, None)):
        earn.engine.execute(f"UPDATE earn.subscriptions SET {change} WHERE id = %s", [new.id])
        assert earn.broken().get("renewals_appear_once") == found


def test_a_successor_is_redeemed_as_any_other(week):
    earn, template, _ = week
    customer = earn.saver("1000")
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="renew_principal")
    ran(earn, utc(2031, 2, 5), utc(2031, 2, 7))
    old, new = earn.chain(one)
    assert earn.redeem(customer, new.subscription.id).status.value == "redeemed_early"
    with pytest.raises(SubscriptionEnded):
        earn.redeem(customer, one)
    ran(earn, utc(2031, 2, 12))
    assert earn.has(customer) == 1000 + interest(old) + interest(earn.look(new.subscription.id))
    assert earn.owed(template) == (0, 0)


def test_after_a_chain_of_renewals_and_a_payout_nothing_is_owed(week):
    earn, template, target = week
    customer = earn.saver("1000")
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="renew_all")
    for day in (5, 10, 15):
        ran(earn, utc(2031, 2, day))
    last = earn.chain(one)[-1].subscription.id
    earn.choose(customer, last, "move")
    ran(earn, utc(2031, 2, 20), utc(2031, 3, 2), utc(2031, 3, 3))
    chain = earn.chain(one)
    assert [view.subscription.status.value for view in chain] == ["renewed"] * 4 + ["paid_out"]
    assert [view.subscription.template_id for view in chain] == [template] * 4 + [target]
    assert (earn.owed(template), earn.owed(target)) == ((0, 0), (0, 0))
    assert earn.has(customer) == 1000 + sum(interest(view) for view in chain)
    assert earn.on("expense.earn:USDT") == -sum(interest(view) for view in chain)


# After a pause ------------------------------------------------------------------------------------------------------------------


def life(database, first, *, missed, one_run=False):
    """Two weeks of three customers for whom stock and caps are short; `missed` days are run late, day by day or all at once."""
    with open_earn(database) as earn:
        start = utc(first.year, first.month, first.day)
        earn.at(start + timedelta(hours=8))
        template = offered(
            earn, tenor="2D", renewals=["renew_all", "pay_out"], apr="0.9", step="0.01", daily_quota="1500", customer_cap="1800",
        )  # fmt: skip
        savers = [earn.saver("3000") for _ in range(3)]
        bought = []
        for day in range(3):
            at = start + timedelta(days=day, hours=9)
            earn.at(at)
            earn.hour()
            one = earn.day(template, at.date())
            bought += [
                earn.subscribe(saver, one, amount) for saver, amount in zip(savers, ("300", "600", "200"), strict=True)
            ]
            if day == 2:
                earn.choose(savers[1], bought[-2], "pay_out")
        due = [start + timedelta(days=day, hours=1) for day in range(3, 13)]
        if missed:
            earn.at(due[-1])
        for moment in due[-1:] if one_run else due:
            if not missed:
                earn.at(moment)
            payouts.accrue(earn.tenant, at=moment)
            payouts.run(earn.tenant, by=moment)
        assert earn.broken() == {}
        return [
            (
                (view.subscription.value_date - first).days, view.subscription.principal, view.subscription.status.value,
                view.subscription.renewal_refused, [row.status.value for row in view.rows],
            )
            for each in bought for view in earn.chain(each)
        ], [earn.has(saver) for saver in savers]  # fmt: skip


def test_a_missed_week_renews_as_if_every_day_had_been_run(database):
    expected = life(database, date(2031, 1, 30), missed=False)
    assert {what[2] for what in expected[0]} == {"renewed", "paid_out", "active"}
    assert {what[3] for what in expected[0]} == {None, "sold_out", "cap_reached"}
    assert life(database, date(2031, 3, 2), missed=True) == expected
    assert life(database, date(2031, 4, 2), missed=True, one_run=True) == expected


# What goes wrong ----------------------------------------------------------------------------------------------------------------


def test_a_defect_keeps_nobody_waiting_and_nobodys_money(week, monkeypatch):
    earn, template, _ = week
    ann, ben = earn.saver("1000"), earn.saver("1000")
    hers, his = (earn.subscribe(who, earn.day(template, SALE), "1000", renewal="renew_principal") for who in (ann, ben))
    buy = renewals.buying.buy

    def broken(tx, day, customer, principal, **how):
        made = buy(tx, day, customer, principal, **how)
        assert customer != ann, "a defect"
        return made

    monkeypatch.setattr(renewals.buying, "buy", broken)
    ran(earn, utc(2031, 2, 5, 1))
    assert [earn.look(one).subscription.status.value for one in (hers, his)] == ["active", "renewed"]
    last = earn.look(hers).rows[-1]
    assert (last.status.value, earn.has(ann)) == ("pending", interest(earn.look(hers))), "nothing half done"
    ran(earn, utc(2031, 2, 6, 1))
    assert (earn.look(hers).subscription.renewal_refused, earn.has(ann)) == (
        "renewal_failed", 1000 + interest(earn.look(hers)),
    )  # fmt: skip


def test_a_closed_account_stays_due_and_keeps_nobody_waiting(week):
    earn, template, _ = week
    ann, ben = earn.saver("1000"), earn.saver("1000")
    hers, his = (earn.subscribe(who, earn.day(template, SALE), "1000", renewal="renew_principal") for who in (ann, ben))
    earn.close_account(ann)
    ran(earn, utc(2031, 2, 5, 1), utc(2031, 2, 6, 1))
    assert earn.look(hers).subscription.status.value == "active"
    assert {row.status.value for row in earn.look(hers).rows} == {"pending"}
    assert earn.look(his).subscription.status.value == "renewed"


# Before the maturity ------------------------------------------------------------------------------------------------------------


def test_three_business_days_before_the_customer_is_told_once(earn):
    earn.at(utc(2031, 1, 30, 9))
    template = offered(earn, tenor="3W", payout="weekly")  # matures on Friday, 21 February
    customer = earn.saver()
    one = earn.subscribe(customer, earn.day(template, SALE), "1000", renewal="renew_all")
    ended = earn.subscribe(customer, earn.day(template, SALE), "1000")
    earn.redeem(customer, ended)
    ran(earn, utc(2031, 2, 17, 23, 59))
    assert earn.told("earn.matures_soon.v1") == []
    ran(earn, utc(2031, 2, 18), utc(2031, 2, 18, 1), utc(2031, 2, 19))
    (told,) = earn.told("earn.matures_soon.v1")
    assert (told["subscription_id"], told["maturity"], told["renewal"]) == (str(one), "2031-02-21", "renew_all")


def test_after_a_pause_nobody_is_told_of_a_maturity_that_has_passed(earn):
    earn.at(utc(2031, 1, 30, 9))
    passed, ahead = (offered(earn, tenor=tenor, payout="weekly") for tenor in ("3W", "4W"))
    customer = earn.saver()
    for template in (passed, ahead):
        earn.subscribe(customer, earn.day(template, SALE), "1000")
    earn.at(utc(2031, 2, 26))
    with as_engine(earn.database):
        for day in range(16, 27):  # the days that were missed, in their order
            tasks.hour(utc(2031, 2, day))
    assert [one["maturity"] for one in earn.told("earn.matures_soon.v1")] == ["2031-02-28"]


@pytest.mark.parametrize("back", [utc(2031, 3, 7, 12), utc(2031, 4, 20, 12), utc(2031, 6, 2, 12)])
def test_after_a_long_pause_the_days_of_sale_are_there_before_what_goes_on_in_them(earn, back):
    """Also after whole months in which nothing ran: the customer had agreed to go on, and nobody had stopped the sale."""
    earn.at(utc(2031, 1, 20, 9))
    template = offered(earn, tenor="42D", payout="at_maturity", renewals=["renew_principal"])
    one = earn.subscribe(earn.saver(), earn.day(template, date(2031, 1, 20)), "1000")
    table = {each.name: each for each in earn_parts.SCHEDULES}
    with as_engine(earn.database):
        schedules.register(table)
        earn.at(back)
        schedules.run_due(table)
    old, new, *_ = earn.chain(one)
    assert old.subscription.maturity == new.subscription.value_date == date(2031, 3, 4), (
        "of a month that nobody had made"
    )
