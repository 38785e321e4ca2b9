"""Nonsense at every route of earn, with ids and bodies that are right but for one thing: a clear code each, nothing held, nothing made."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from urllib.parse import quote

import pytest

from earn.templates import service as templates
from earn.templates.schemas import EarnTemplateIn
from kernel import db
from kernel.day_count import add_months
from kernel.ids import uuid7
from kernel.settings import Mode, Settings
from rivermouth.http import create_app
from tests.earn_desk import EarnDesk, wish
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings

NOBODY = "00000000-0000-7000-8000-00000000dead"
PATHS = {
    path: {method.upper() for method in methods}
    for path, methods in create_app(Settings(mode=Mode.SANDBOX)).openapi()["paths"].items()
    if path.startswith("/v1/earn")
}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
CODE = re.compile(r"[a-z]+(_[a-z]+)*")
NONSENSE = (
    "", " ", "+1", "-1", "-0.5", "NaN", "Infinity", "1e400", "1e3", "\u0663", "0x10", "1,000", "1" * 100, "0." + "1" * 31, "x" * 10_000,
    "0001-01-01", "9999-12-31", "2026-13", "2026-02-30", NOBODY, "\u202ereversed", "'; --", None, True, -1, 1.5, 2**63, [], {}, [None],
    {"a": 1}, [[]],
)  # fmt: skip
RAW = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"\xff",
    b'{"date": NaN}',
    b'{"principal": 1e400}',
    b'{"month": "2026-12", "month": "2026-11"}',
)


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        postings.deposit(
            tx, customer_id=house.ids["retail"], asset="USDT", amount=Decimal(100000), key="s/test:nonsense"
        )
    return made


def published(desk, **changes):
    made = desk.draft(**changes)
    desk.publish(made["id"])
    return made["id"]


def on_sale(desk, template):
    offers = desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
    return next(one for one in offers if one["template"] == template)


def seen(offer, **changes):
    terms = {"instance_id": offer["id"], "expected_apr": offer["apr"], "expected_version": offer["version"]}
    return {"principal": "1000", **terms} | changes


@pytest.fixture(scope="module")
def there(desk):
    """One of everything: a draft, a day on sale, and a subscription of it."""
    template = published(desk, name="sold")
    offer = on_sale(desk, template)
    subscription = desk.call("retail", "POST", "/subscriptions", seen(offer))
    assert subscription.status_code == 201, subscription.text
    return {
        "template": template, "draft": desk.draft(name="drafted")["id"], "offer": offer, "subscription": subscription.json()["id"],
    }  # fmt: skip


def held(desk, there):
    """What nonsense must leave alone: the customer's money, the quota, what they bought, and what is still a draft."""
    offer = desk.call("retail", "GET", f"/instances/{there['offer']['id']}").json()
    mine = desk.call("retail", "GET", "/subscriptions").json()["items"]
    with desk.house.sql("superuser", desk.house.first) as root:
        holds = root.execute("SELECT count(*) FROM payments.holds WHERE state = 'open'").fetchone()
        caps = root.execute("SELECT sum(taken) FROM earn.caps").fetchone()
    balances = desk.call("retail", "GET", "/../balances").json()
    return (
        balances,
        offer["quota_left"],
        offer["status"],
        offer["version"],
        [(one["id"], one["status"]) for one in mine],
        holds,
        caps,
    )


def refused(answer, *, also=()):
    """A 4xx in the house's form, or one of the answers that are right."""
    if answer.status_code in also:
        return None
    body = answer.json()
    assert 400 <= answer.status_code < 500, (
        answer.request.method,
        answer.request.url,
        answer.request.content[:300],
        answer.text,
    )
    assert CODE.fullmatch(body["code"]), body
    assert body["status"] == answer.status_code
    return body["code"]


def spoilt(body):
    """The body with one value replaced, left out, or one too many, in lists and objects too."""
    yield {**body, "unknown": 1}
    for name, value in body.items():
        yield {key: kept for key, kept in body.items() if key != name}
        for odd in (*NONSENSE, *_inside(value)):
            yield {**body, name: odd}


def _inside(value):
    if isinstance(value, dict):
        yield from spoilt(value)
    elif isinstance(value, list) and isinstance(value[0], dict):
        yield from ([odd] for odd in spoilt(value[0]))


def seeds(there):
    """(who, method, path, a body that is right, what may be right even when spoilt)."""
    template = wish(
        name="spoilt", opens="09:00", closes="17:00", zone="Europe/Berlin", customer_cap="5000", customer_day_cap="1000", day_count="actual/365",
        early="FORFEIT_CURRENT", penal_rate="0", renewals=["pay_out"], holidays=["2026-12-25"], lag_days=1,
    ) | {"effective_from": "2099-01-01"}  # fmt: skip
    tiers = wish(name="spoilt", apr=None, tiers=[{"above": "0", "apr": "0.05"}])
    draft, sold, bought = (
        f"/{kind}/{there[key]}"
        for kind, key in (("templates", "draft"), ("templates", "template"), ("subscriptions", "subscription"))
    )
    today = datetime.now(UTC).date()
    yield "product", "POST", "/templates", template, {201}
    yield "product", "PUT", draft, tiers, {200}
    yield "product", "POST", f"{sold}/preview", {"principal": "1000", "date": today.isoformat()}, {200}
    yield "product", "POST", f"{sold}/retire", {"version": 7}, set()
    yield "product", "POST", "/instances:generate", {"month": f"{add_months(today.replace(day=1), 24):%Y-%m}"}, set()
    yield "retail", "POST", "/subscriptions", seen(there["offer"]), set()
    yield "retail", "POST", f"{bought}/redemptions", {"preview": True}, {200}
    yield "retail", "PUT", f"{bought}/renewal", {"renewal": "pay_out"}, set()
    yield "product", "POST", "/payouts:run", {"date": (today + timedelta(days=3)).isoformat()}, {200}


def test_one_wrong_thing_in_a_right_body(desk, there):
    """Whatever it is, the answer is a refusal with a code, or what was meant; and the customer's money stays where it is."""
    before = held(desk, there)
    for who, method, path, body, also in seeds(there):
        codes = set()
        for odd in spoilt(body):
            if path.endswith("/redemptions") and "preview" not in odd:
                continue  # that ends it
            codes.add(refused(desk.call(who, method, path, odd), also=also))
        assert "invalid_request" in codes, (path, codes)
    assert held(desk, there) == before


def test_bodies_that_are_none(desk, there):
    before = held(desk, there)
    for path, methods in PATHS.items():
        for method, raw in product(methods & {"POST", "PUT"}, RAW):
            address = path.replace("{id}", NOBODY)
            headers = desk.house.auth("product") | {"Content-Type": "application/json"}
            answer = desk.house.client.request(method, address, headers=headers, content=raw)
            refused(answer)
    assert held(desk, there) == before


def test_ids_that_are_none_and_ids_of_nobody(desk):
    for path, methods in PATHS.items():
        if "{id}" not in path:
            continue
        for method, who in product(methods, ("product", "retail")):
            for odd in ("x", "0", "-1", "' OR 1=1", "%2e%2e", "x" * 500, "\u0663", "null"):
                answer = desk.house.client.request(
                    method, path.replace("{id}", quote(odd, safe="%")), headers=desk.house.auth(who), json={}
                )
                refused(answer)
            body = {"preview": True, "version": 1, "principal": "100", "date": "2026-12-01"}
            address = path.replace("{id}", NOBODY)
            answer = desk.house.client.request(method, address, headers=desk.house.auth(who), json=body)
            refused(answer)


def test_what_no_route_does(desk):
    for path, methods in PATHS.items():
        for method in METHODS - methods:
            answer = desk.house.client.request(method, path.replace("{id}", NOBODY), headers=desk.house.auth("product"))
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), (method, path)


def test_queries_that_are_none(desk):
    """Cursors made up, cut, of another list; limits, months and words that are none."""
    words = (
        "e30", "W10", "WzFd", "bm9wZQ", "WyJhIiwiYiJd", "A" * 301, "%F0%9F%98%80", "bnVsbA", *(_cursor(*parts) for parts in (
            (None, None), ([], {}), (True, 1), (NOBODY, 2**63), (NOBODY, 1.5), ("2026-01-01T00:00:00", NOBODY), ("x", NOBODY), (1, 2, 3),
        ))
    )  # fmt: skip
    for path, methods in PATHS.items():
        if "GET" not in methods or "{id}" in path:
            continue
        listed = "/v1/earn/instances", "/v1/earn/templates", "/v1/earn/subscriptions"
        for cursor in words if path in listed else ():
            answer = desk.house.client.get(f"{path}?cursor={cursor}", headers=desk.house.auth("product"))
            assert answer.json()["code"] in {"invalid_cursor", "invalid_request"}, (path, cursor, answer.text)
        for query in ("limit=0", "limit=-1", "limit=1e3", "limit=" + "9" * 30, "limit=", "limit=%D9%A3"):
            answer = desk.house.client.get(f"{path}?{query}", headers=desk.house.auth("product"))
            refused(answer, also=() if path in listed else {200})
    for query in ("open=maybe", "open="):
        assert refused(desk.call("retail", "GET", f"/instances?{query}")) == "invalid_request"
    assert refused(desk.call("retail", "GET", "/subscriptions?status=rich")) == "invalid_request"
    for query in ("month=2026-13", "month=0000-01", "month=2026-1", "month=", "month=%D9%A32026-1", "template=x"):
        assert refused(desk.call("product", "GET", f"/calendar?{query}")) == "invalid_request"


def _cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"])
def test_the_ends_of_the_calendar(desk, zone):
    made = desk.draft(name=f"ends {zone}", zone=zone, tenor="1D", lag_days=0)
    for day in ("0001-01-01", "9999-12-30", "9999-12-31", "2026-02-30", "0000-01-01", "10000-01-01"):
        answer = desk.call("product", "POST", f"/templates/{made['id']}/preview", {"principal": "100", "date": day})
        refused(answer, also={200} if day in {"0001-01-01", "9999-12-30"} else ())
    for month in ("0001-01", "9999-12"):
        assert desk.call("product", "GET", f"/calendar?month={month}").json() == {"month": month, "items": []}
        assert refused(desk.call("product", "POST", "/instances:generate", {"month": month})) == "invalid_request"


@pytest.mark.parametrize("name", ["daily_quota", "minimum", "customer_cap", "customer_day_cap", "step"])
def test_amounts_of_the_greatest_length(desk, name):
    """38 digits over a step of 30 decimals: more digits than the decimal context has."""
    for changes in ({name: "9" * 38, "step": "0." + "0" * 29 + "1"}, {name: "0." + "0" * 29 + "1"}, {name: "9" * 38}):
        assert (
            refused(desk.call("product", "POST", "/templates", wish(name="long", **changes))) == "earn_template_unfit"
        )


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules", "../UTC", "utc", "Europe/berlin", "UTC+1", ""])
def test_zones_that_are_no_place(desk, zone):
    """`localtime` is the machine's own, and Postgres, which counts the days that passed, does not know it."""
    assert refused(desk.call("product", "POST", "/templates", wish(name="nowhere", zone=zone))) == "invalid_request"


def test_zones_that_the_database_does_not_know(desk, monkeypatch):
    monkeypatch.setattr(templates.queries, "knows_zone", lambda _tx, name: name != "Asia/Shanghai")
    answer = desk.call("product", "POST", "/templates", wish(name="unknown", zone="Asia/Shanghai"))
    assert (refused(answer), answer.json()["field"]) == ("earn_template_unfit", "terms.zone")


# Between the page and the click ----------------------------------------------------------------------------------------------------


def test_terms_that_changed_between_page_and_click(desk, there):
    """A newer version takes the place of days that nobody bought of; the click at the old terms takes nothing and tells the new ones."""
    template = published(desk, name="changing")
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    page = next(one for one in desk.days(tomorrow[:7], template).values() if one["sale_date"] == tomorrow)
    desk.draft(name="changing", template_id=template, apr="0.02", effective_from=tomorrow)
    desk.publish(template)
    before = held(desk, there)
    answer = desk.call("retail", "POST", "/subscriptions", seen(page))
    assert (refused(answer), answer.json()["version"], answer.json()["apr"]) == ("terms_changed", 2, "0.02")
    assert held(desk, there) == before
    again = desk.call(
        "retail", "POST", "/subscriptions", seen(desk.call("retail", "GET", f"/instances/{page['id']}").json())
    )
    assert refused(again) == "sale_not_open"


def test_a_quota_below_what_is_sold_is_for_later_days(desk, there):
    """A day on sale keeps its quota, whatever the next version says; what is left of it can still be bought."""
    template = published(desk, name="narrowed", daily_quota="5000")
    offer = on_sale(desk, template)
    assert desk.call("retail", "POST", "/subscriptions", seen(offer, principal="3000")).status_code == 201
    desk.draft(name="narrowed", template_id=template, daily_quota="1000")
    desk.publish(template)
    days = desk.days(offer["sale_date"][:7], template)
    day = days[offer["sale_date"]]
    assert (day["version"], day["quota"], day["sold"], day["quota_left"]) == (1, "5000", "3000", "2000")
    assert {(one["version"], one["quota_left"]) for one in days.values() if one["sale_date"] > offer["sale_date"]} <= {
        (2, "1000")
    }
    sku = _of(desk, offer["id"], "sku")
    for body in ({"stock_delta": -400}, {"stock": 1}):
        assert desk.call("product", "PATCH", f"/../products/{sku}", body).status_code in {400, 404}
    assert desk.call("retail", "POST", "/subscriptions", seen(offer, principal="2010")).json()["code"] == "sold_out"
    assert desk.call("retail", "POST", "/subscriptions", seen(offer, principal="2000")).status_code == 201
    assert desk.call("retail", "GET", f"/instances/{offer['id']}").json()["status"] == "sold_out"


def test_a_window_that_closed_between_page_and_click(desk, there):
    offer = on_sale(desk, published(desk, name="closing"))
    with desk.house.sql("superuser", desk.house.first) as root:
        root.execute(
            "UPDATE earn.instances SET closes_at = now() - interval '1 second', opens_at = now() - interval '1 hour' WHERE id = %s",
            [offer["id"]],
        )
    before = held(desk, there)
    answer = desk.call("retail", "POST", "/subscriptions", seen(offer))
    assert (refused(answer), answer.status_code) == ("sale_not_open", 409)
    assert answer.json()["closes_at"] < datetime.now(UTC).isoformat()
    assert held(desk, there) == before


def _of(desk, instance_id, column):
    with desk.house.sql("superuser", desk.house.first) as root:
        return root.execute(f"SELECT {column} FROM earn.instances WHERE id = %s", [instance_id]).fetchone()[0]


# Others' things --------------------------------------------------------------------------------------------------------------------


def test_nobody_buys_of_another_house(desk, there):
    before = held(desk, there)
    for method, path, body in (
        ("POST", "/subscriptions", seen(there["offer"])),
        ("GET", f"/instances/{there['offer']['id']}", None),
        ("GET", f"/subscriptions/{there['subscription']}", None),
        ("POST", f"/subscriptions/{there['subscription']}/redemptions", {"preview": False}),
    ):
        answer = desk.call("other", method, path, body)
        assert (answer.status_code, answer.json()["code"][-9:]) == (404, "not_found"), answer.text
    assert desk.call("other", "GET", "/instances").json()["items"] == []
    assert desk.call("other", "GET", "/subscriptions").json()["items"] == []
    assert held(desk, there) == before


def test_nobody_moves_to_a_template_of_another_house(desk):
    name = f"theirs {uuid7()}"
    with as_engine(desk.house.database):
        templates.ensure(desk.house.second, EarnTemplateIn.model_validate(wish(name=name)).wish())
        with db.read_only(tenant=desk.house.second) as tx:
            theirs = str(templates.queries.named(tx, name))
    for body in (wish(name="moves", renewals=["move"], move_to=theirs), wish(name="next", template_id=theirs)):
        assert refused(desk.call("product", "POST", "/templates", body)) in {
            "earn_template_unfit",
            "earn_template_not_found",
        }
