"""A house decides about itself: how it looks, what it offers, who may call it; and tightens its policy at once."""

import pytest

from identity.tenants import service as tenants
from identity.tenants.errors import HostTaken
from identity.tenants.states import Product
from kernel import db
from kernel.ids import uuid7
from tests.ledger_books import as_engine
from tests.tenant_desk import SECOND, TenantDesk

THEME = {"logo_text": "Delta", "accent_dark": "#7fd1ff", "accent_light": "#0b4f8a"}


@pytest.fixture(scope="module")
def desk(house):
    return TenantDesk(house)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def current(desk, **headers):
    answer = desk.house.client.get("/v1/tenants/current", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def stylesheet(desk, **headers):
    answer = desk.house.client.get("/v1/tenants/current/theme.css", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def test_a_house_shows_itself_and_knows_nothing_of_the_other(desk):
    own = desk.call("admin", "GET", "").json()
    assert (own["id"], own["name"], own["products"]) == (
        str(desk.house.first),
        "First House",
        ["earn", "lending", "payments", "trading", "withdrawals"],
    )
    for who, tenant in (("admin", desk.house.second), ("auditor", desk.house.second), ("admin@second.example", None)):
        for method, path in (
            ("GET", ""),
            ("GET", "/policy"),
            ("GET", "/policy-changes"),
            ("PATCH", ""),
            ("PATCH", "/policy"),
        ):
            if who == "auditor" and method == "PATCH":
                continue
            body = {"name": "Mine now"} if path == "" else {"whitelist_delay_h": 700}
            given = body if method == "PATCH" else None
            assert problem(desk.call(who, method, path, given, tenant=tenant)) == (404, "not_found")
    assert desk.call("admin@second.example", "GET", "", tenant=desk.house.second).json()["name"] == "Second House"


def test_only_an_administrator_who_proved_it_changes_a_house(desk):
    assert problem(desk.call("auditor", "PATCH", "", {"name": "x"})) == (403, "forbidden")
    headers = desk.headers("admin")  # of a login that is an hour old
    with desk.house.sql("superuser") as root:
        root.execute("UPDATE identity.sessions SET created_at = created_at - interval '1 hour', proven_at = NULL")
    path = f"/v1/tenants/{desk.house.first}"
    refused = desk.house.client.patch(path, json={"name": "x"}, headers=headers)
    assert problem(refused) == (403, "step_up_required")


def test_everybody_sees_the_look_of_the_house_they_are_in(desk, monkeypatch):
    changed = desk.change({"name": "Delta Bank", "theme": THEME}).json()
    assert (changed["name"], changed["theme"]) == ("Delta Bank", THEME)
    for who in ("retail", "admin"):
        seen = current(desk, **desk.house.auth(who))
        assert (seen["name"], seen["theme"]) == ("Delta Bank", THEME)
    assert current(desk, **desk.house.auth("other"))["name"] == "Second House"
    with as_engine(desk.house.database):
        tenants.add_host(desk.house.first, "Trade.Delta.example")
        tenants.add_host(desk.house.second, "other.example")
        with pytest.raises(HostTaken):
            tenants.add_host(desk.house.second, "trade.delta.example")
    for host in ("trade.delta.example", "TRADE.delta.example:8443"):
        assert current(desk, Host=host)["name"] == "Delta Bank"
    assert current(desk, Host="other.example")["name"] == "Second House"
    public = current(desk, Host="other.example")
    assert set(public) == {"id", "name", "theme", "products", "registration_open"}
    assert desk.call("admin", "GET", "").json()["hosts"] == ["trade.delta.example"]
    worn = stylesheet(desk, Host="trade.delta.example")
    assert f"--accent:{THEME['accent_dark']}" in worn
    assert f"--accent:{THEME['accent_light']}" in worn
    assert stylesheet(desk, **desk.house.auth("retail")) == worn
    assert stylesheet(desk, Host="other.example") == "", "a house without colours of its own looks as all do"


@pytest.mark.parametrize("accent", [{"accent_dark": "#123456"}, {"accent_light": "#ffff00"}])
def test_a_colour_that_nobody_could_read_is_refused(desk, accent):
    refused = desk.change({"theme": THEME | accent})
    assert problem(refused) == (400, "theme_unreadable")
    assert refused.json()["field"] in accent


def test_origins_are_kept_as_browsers_spell_them(desk):
    wanted = ["https://WWW.Partner.example:443", "http://localhost:5173", "https://app.partner.example:8443"]
    told = desk.change({"origins": wanted}).json()["origins"]
    assert told == ["http://localhost:5173", "https://app.partner.example:8443", "https://www.partner.example"]
    assert tenants.allowed_origins() == {origin: {desk.house.first} for origin in told}
    assert tenants.read(desk.house.second).origins == ()
    for bad in ("https://x.example/path", "http://partner.example", "https://*.example", "null", "https://", "https://u@x.example",
                "javascript:alert(1)", "https://x.example:99999", "https://x.example?q"):  # fmt: skip
        assert problem(desk.change({"origins": [bad]})) == (400, "origin_invalid"), bad
    assert desk.change({"origins": []}).json()["origins"] == []


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"name": " "}, {"hosts": ["mine.example"]}, {"products": ["lottery"]}]
)
def test_what_is_no_change_is_refused(desk, body):
    assert problem(desk.change(body)) == (400, "invalid_request")


def test_what_is_switched_off_is_not_offered(desk):
    order = {"sku": "none", "quantity": 1}
    ask = lambda: desk.house.client.post("/v1/payment-orders", json=order, headers=desk.house.auth("retail"))  # noqa: E731
    trade = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.1"}
    place = lambda: desk.house.client.post("/v1/orders", json=trade, headers=desk.house.auth("retail"))  # noqa: E731
    assert problem(ask())[0] == 404
    assert desk.change({"products": []}).json()["products"] == []
    try:
        assert problem(ask()) == (403, "product_not_offered")
        with pytest.raises(tenants.ProductNotOffered):
            tenants.require_product(desk.house.first, Product.TRADING)
        assert place().status_code in {403, 503}  # without a market's copy it is refused before
        tenants.require_product(desk.house.second, Product.TRADING)
        tenants.require_product(uuid7(), Product.TRADING)
    finally:
        desk.change({"products": ["trading", "payments", "lending", "earn"]})
    assert problem(ask())[0] == 404


def test_tightening_counts_at_once_and_by_one_person(desk):
    before = desk.policy()
    answer = desk.ask({"whitelist_delay_h": 72, "change_delay_h": 48})
    assert (answer.status_code, answer.json()["waiting"]) == (200, None)
    assert answer.json()["policy"] == before["policy"] | {"whitelist_delay_h": 72, "change_delay_h": 48}
    assert answer.json()["version"] == before["version"] + 1
    same = desk.ask({"whitelist_delay_h": 72})
    assert (same.status_code, same.json()["version"]) == (200, before["version"] + 1)


def test_one_change_waits_at_a_time_and_can_be_taken_back(desk):
    assert desk.ask({"limits": {"withdrawal_single": "100"}}).status_code == 202
    assert problem(desk.ask({"custody": "partner"})) == (409, "policy_change_open")
    change = desk.waiting()
    key = {"Idempotency-Key": "withdraw-1"}
    for _ in range(2):
        taken = desk.call(SECOND, "POST", f"/policy-changes/{change['id']}/withdraw", **key)
        assert (taken.status_code, taken.json()["state"], taken.json()["reason"]) == (200, "ended", "withdrawn")
    assert problem(desk.call("admin", "POST", f"/policy-changes/{change['id']}/withdraw")) == (
        409,
        "policy_change_closed",
    )
    gone = desk.house.client.get(f"/v1/approvals/{change['approval_id']}", headers=desk.headers(SECOND)).json()
    assert gone["state"] == "void"
    assert desk.call("admin", "GET", "/policy-changes").json()["items"][0]["id"] == change["id"]


def test_who_says_no_ends_it(desk):
    assert desk.ask({"custody": "partner"}).status_code == 202
    change = desk.waiting()["id"]
    assert desk.decide("reject").status_code == 200
    desk.run()
    listed = desk.call("admin", "GET", "/policy-changes").json()["items"][0]
    assert (listed["id"], listed["state"], listed["reason"]) == (change, "ended", "no")
    assert desk.policy()["policy"]["custody"] == "own"


def test_what_nobody_decides_ends_after_a_week(desk):
    from identity.approvals import service as approvals

    assert desk.ask({"custody": "partner"}).status_code == 202
    desk.advance(7 * 24 + 1)
    with as_engine(desk.house.database):
        approvals.expire_due()
    desk.run()
    assert desk.waiting() is None
    assert desk.call("admin", "GET", "/policy-changes").json()["items"][0]["reason"] == "expired"


def test_who_tightens_meanwhile_overtakes_what_was_agreed(desk):
    assert desk.ask({"limits": {"withdrawal_day": "500"}}).status_code == 202
    assert desk.decide("approve").status_code == 200
    desk.run()
    tightened = desk.ask({"whitelist_delay_h": desk.policy()["policy"]["whitelist_delay_h"] + 1})
    assert tightened.status_code == 200
    desk.advance(100)
    listed = desk.call("admin", "GET", "/policy-changes").json()["items"][0]
    assert (listed["state"], listed["reason"]) == ("ended", "overtaken")
    assert desk.policy()["policy"] == tightened.json()["policy"]


def test_what_was_tampered_with_after_the_approval_never_counts(desk):
    assert desk.ask({"limits": {"withdrawal_day": "500"}}).status_code == 202
    assert desk.decide("approve").status_code == 200
    desk.run()
    before = desk.policy()["policy"]
    with desk.house.sql("superuser") as root:
        root.execute(
            """UPDATE identity.policy_changes SET after = jsonb_set(after, '{limits,withdrawal_day}', '"9000000"') WHERE state = 'scheduled'"""
        )
    desk.advance(100)
    assert (desk.policy()["policy"], desk.waiting()) == (before, None)


def test_a_limit_that_is_taken_away_lets_nothing_out_without_a_person(desk):
    desk.loosen({"limits": {"withdrawal_unreviewed": "10.50"}})
    assert desk.policy()["policy"]["limits"] == {"withdrawal_unreviewed": "10.5"}
    lower = desk.ask({"limits": {"withdrawal_unreviewed": "10"}})
    assert (lower.status_code, lower.json()["policy"]["limits"]) == (200, {"withdrawal_unreviewed": "10"})
    none = desk.ask({"limits": {"withdrawal_unreviewed": None}})
    assert (none.status_code, none.json()["policy"]["limits"]) == (200, {})
    for bad in ("-1", "NaN", 5, "1e3"):
        assert problem(desk.ask({"limits": {"withdrawal_unreviewed": bad}})) == (400, "invalid_request")
    assert problem(desk.ask({"limits": {"lottery": "1"}})) == (400, "invalid_request")


def test_the_highest_rate_is_lowered_by_one_and_raised_by_two(desk):
    assert desk.policy()["policy"]["highest_apr"] == "1"
    lower = desk.ask({"highest_apr": "0.20"})
    assert (lower.status_code, lower.json()["policy"]["highest_apr"]) == (200, "0.2")
    higher = desk.ask({"highest_apr": "0.25"})
    assert (higher.status_code, higher.json()["waiting"]["loosens"]) == (202, ["highest_apr"])
    assert desk.policy()["policy"]["highest_apr"] == "0.2"
    assert desk.call("admin", "POST", f"/policy-changes/{desk.waiting()['id']}/withdraw").status_code == 200
    desk.loosen({"highest_apr": "1.000"})
    assert desk.policy()["policy"]["highest_apr"] == "1"
    for bad in ("-0.1", "1.01", "NaN", 0.2, None):
        assert problem(desk.ask({"highest_apr": bad})) == (400, "invalid_request")


def test_everything_about_a_policy_is_written_down(desk):
    desk.change({"name": f"House {uuid7().hex[-6:]}"})
    with as_engine(desk.house.database):
        tenants.add_host(desk.house.first, f"{uuid7().hex}.example")
    assert desk.ask({"whitelist_delay_h": desk.policy()["policy"]["whitelist_delay_h"] + 1}).status_code == 200
    desk.loosen({"limits": {"withdrawal_single": "12345.67"}})
    assert desk.ask({"custody": "partner"}).status_code == 202
    taken_back = desk.call("admin", "POST", f"/policy-changes/{desk.waiting()['id']}/withdraw")
    assert taken_back.status_code == 200
    assert desk.ask({"custody": "partner"}).status_code == 202
    assert desk.decide("reject").status_code == 200
    desk.run()
    with db.read_only(tenant=desk.house.first) as tx:
        actions = {row.action for row in tx.all("SELECT DISTINCT action FROM identity.audit_entries")}
    assert actions >= {
        "tenant.changed",
        "tenant.host_added",
        "policy.change_asked",
        "policy.tightened",
        "policy.loosened",
        "policy_change.scheduled",
        "policy_change.withdrawn",
        "policy_change.ended",
    }
