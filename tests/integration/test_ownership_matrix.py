"""Every route that names a thing × every role × {own, another customer's, another house's}: generated from the application.

What is not yours is 404, whoever you are, and it is written down that you asked. A new route with an id in its path fails until it stands
in `ROUTES`, with the thing it names; a new list is asked by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from identity.principals.states import Role
from kernel.ids import uuid7
from kernel.settings import Mode, Settings
from rivermouth import openapi
from rivermouth.http import create_app
from tests.earn_desk import wish as earn_template
from tests.house import PASSWORD
from tests.integration.test_permissions import EXPECTED
from tests.possessions import THINGS, World
from tests.product_desk import wish as loan_product

ROUTED = sorted(openapi.routes(create_app(Settings(mode=Mode.SANDBOX))), key=lambda r: (r[1], r[0]))
DEMANDS = {f"{method} {path}": {p.value for p in demands} for method, path, demands in ROUTED if demands}
_NAMED = {"symbol", "venue", "date"}
"""What these name is the same for everybody."""


@dataclass(frozen=True)
class Ask:
    """`by`: who is asked as the control that an own thing is found; `things`: parameter of the path → what it names.

    `more`: what else the request carries, where that depends on whose thing is named.
    """

    by: Role
    things: dict[str, str]
    body: Any = None
    files: Any = None
    more: Callable[[World, str, dict[str, Any]], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Wanted:
    """A request that names somebody's thing: what stands in its path, and what it carries."""

    path: dict[str, Any]
    carries: dict[str, Any] = field(default_factory=dict)


def _one(thing, by, body=None, name="id"):
    return Ask(by, {name: thing}, body)


def _for_its_customer(world, whose, _made):
    return {"json": {"customer_id": str(world.holders[whose].id)}}


def _its_customer(world, whose, _made):
    return {"json": {"customer_id": str(world.holders[whose].id), "scopes": ["read"]}}


def _its_line(_world, _whose, made):
    return {"json": loan_product(funding_line_id=str(made["funding_line"]))}


def _a_look(world, whose, made):
    return {"params": {"token": world.look(made["kyc_document"], whose)}}


R, F, A, T, C = Role.RETAIL, Role.FINANCE, Role.ADMIN, Role.TREASURY, Role.COMPLIANCE
_ORDER = {"symbol": "BTC-USDT", "side": "buy", "type": "limit", "quantity": "1", "limit_price": "2"}
_PROPOSAL = {"verdict": "not_placed", "evidence": "the venue's own list of that day"}
_DIGEST = "0" * 64
_APPLICANT = {"full_name": "Ann Example", "birth_date": "1990-01-31", "country": "GB"}
_PAPER = {"kind": (None, "passport"), "file": ("passport.png", b"no picture", "image/png")}
ROUTES = {
    "GET /v1/accounts/{id}": _one("account", R),
    "GET /v1/accounts/{id}/balance": _one("account", R),
    "GET /v1/accounts/{id}/entries": _one("account", R),
    "DELETE /v1/api-keys/{id}": _one("api_key", R),
    "GET /v1/approvals/{id}": _one("approval", F),
    "POST /v1/approvals/{id}/approve": _one("approval", F, {"digest": _DIGEST}),
    "POST /v1/approvals/{id}/reject": _one("approval", F, {"reason": "no"}),
    "DELETE /v1/channels/{id}": _one("channel", T),
    "POST /v1/treasury/alerts/{id}/ack": _one("treasury_alert", T),
    "PUT /v1/controls/toxicity/{id}": _one("customer", T, {"class": "wide", "reason": "matrix"}),
    "POST /v1/controls/windows/{id}/end": _one("window", T),
    "GET /v1/controls/{id}": _one("control", T),
    "POST /v1/controls/{id}/lift": _one("control", T, {"reason": "matrix"}),
    "GET /v1/customers/{id}": _one("customer", A),
    "PATCH /v1/customers/{id}": _one("customer", A, {"name": "matrix", "reason": "matrix"}),
    "GET /v1/decisions/{id}": _one("decision", T),
    "POST /v1/decisions/{id}/confirm": _one("decision", T),
    "POST /v1/decisions/{id}/withdraw": _one("decision", T),
    "POST /v1/venue-orders/{id}/decisions": _one("venue_order", T, _PROPOSAL),
    "GET /v1/kyc/cases/{id}": _one("kyc_case", C),
    "POST /v1/kyc/cases/{id}/decision": _one("kyc_case", C, {"decision": "approve", "reason": "matrix"}),
    "POST /v1/kyc/cases/{id}/documents": Ask(R, {"id": "kyc_case"}, files=_PAPER),
    "POST /v1/kyc/cases/{id}/submit": _one("kyc_case", R),
    "PUT /v1/kyc/cases/{id}/applicant": _one("kyc_case", R, _APPLICANT),
    "GET /v1/kyc/documents/{id}/file": Ask(C, {"id": "kyc_document"}, more=_a_look),
    "POST /v1/kyc/documents/{id}/links": _one("kyc_document", C),
    "GET /v1/ledger/exports/{id}": _one("export", F),
    "GET /v1/ledger/exports/{id}/file": _one("export", F),
    "GET /v1/ledger/imports/{id}": _one("import", F),
    "GET /v1/ledger/imports/{id}/rows": _one("import", F),
    "POST /v1/ledger/imports/{id}/approve": _one("import", F, {"sha256": _DIGEST}),
    "POST /v1/ledger/imports/{id}/reject": _one("import", F),
    "GET /v1/ledger/journals/{id}": _one("journal", F),
    "GET /v1/lending/funding-lines/{id}": _one("funding_line", Role.PRODUCT),
    "PATCH /v1/lending/funding-lines/{id}": _one("funding_line", Role.PRODUCT, {"rate": "0.06"}),
    "GET /v1/lending/loans/{id}/spread": _one("loan", Role.PRODUCT),
    "GET /v1/lending/liquidations/{id}": _one("liquidation", Role.PRODUCT),
    "POST /v1/lending/liquidations/{id}/write-off": _one("liquidation", Role.PRODUCT),
    "POST /v1/lending/liquidations/{id}/price": _one("liquidation", Role.PRODUCT, {"reason": "matrix"}),
    "PUT /v1/loan-products/{id}": Ask(Role.PRODUCT, {"id": "loan_product"}, more=_its_line),
    "POST /v1/loan-products/{id}/publish": _one("loan_product", Role.PRODUCT),
    "POST /v1/loan-products/{id}/retire": _one("loan_product", Role.PRODUCT, {"version": 1}),
    "GET /v1/loan-quotes/{id}": _one("loan_quote", R),
    "GET /v1/earn/templates/{id}": _one("earn_template", Role.PRODUCT),
    "PUT /v1/earn/templates/{id}": _one("earn_template", Role.PRODUCT, earn_template()),
    "POST /v1/earn/templates/{id}/preview": _one(
        "earn_template", Role.PRODUCT, {"principal": "100", "date": "2026-12-01"}
    ),
    "POST /v1/earn/templates/{id}/publish": _one("earn_template", Role.PRODUCT),
    "POST /v1/earn/templates/{id}/retire": _one("earn_template", Role.PRODUCT, {"version": 1}),
    "DELETE /v1/address-book/{id}": _one("address", R),
    "GET /v1/withdrawals/{id}": _one("withdrawal", R),
    "DELETE /v1/withdrawals/{id}": _one("withdrawal", R),
    "POST /v1/withdrawals/{id}/release": _one("withdrawal", T),
    "POST /v1/withdrawals/{id}/reject": _one("withdrawal", T, {"reason": "matrix"}),
    "GET /v1/treasury/cold-spends/{id}": _one("cold_spend", Role.TREASURY),
    "DELETE /v1/treasury/cold-spends/{id}": _one("cold_spend", Role.TREASURY),
    "POST /v1/treasury/cold-spends/{id}/signatures": Ask(T, {"id": "cold_spend"}, {"signed": "0x00"}),
    "POST /v1/withdrawals/{id}/decisions": _one("withdrawal", T, {"verdict": "unpaid", "evidence": "matrix"}),
    "GET /v1/treasury/transfers/{id}": _one("treasury_transfer", Role.TREASURY),
    "DELETE /v1/treasury/transfers/{id}": _one("treasury_transfer", Role.TREASURY),
    "POST /v1/treasury/transfers/{id}/settle": _one("treasury_transfer", T, {"received": "0", "reason": "matrix"}),
    "POST /v1/treasury/transfers/{id}/decisions": _one(
        "treasury_transfer", T, {"verdict": "unpaid", "evidence": "matrix"}
    ),
    "DELETE /v1/treasury/addresses/{id}": _one("treasury_address", Role.TREASURY),
    "GET /v1/earn/coupons/{id}": _one("earn_coupon", Role.PRODUCT),
    "POST /v1/earn/coupons/{id}/publish": _one("earn_coupon", Role.PRODUCT),
    "POST /v1/earn/coupons/{id}/stop": _one("earn_coupon", Role.PRODUCT),
    "GET /v1/earn/instances/{id}": _one("earn_instance", R),
    "POST /v1/earn/instances/{id}/preview": _one("earn_instance", R, {"principal": "100"}),
    "GET /v1/earn/subscriptions/{id}": _one("subscription", R),
    "POST /v1/earn/subscriptions/{id}/redemptions": _one("subscription", R, {"preview": True}),
    "PUT /v1/earn/subscriptions/{id}/renewal": _one("subscription", R, {"renewal": "pay_out"}),
    "POST /v1/earn/instances/{id}/stop": _one("earn_instance", Role.PRODUCT),
    "GET /v1/deposits/{id}": _one("deposit", R),
    "POST /v1/deposits/{id}/release": _one("deposit", F),
    "POST /v1/deposits/{id}/refund": _one("deposit", F, {"address": "0x" + "5e" * 20, "reason": "matrix"}),
    "POST /v1/treasury/suspense/{id}/claim": Ask(F, {"id": "suspense"}, more=_for_its_customer),
    "GET /v1/loans/{id}": _one("loan", R),
    "PATCH /v1/loans/{id}": _one("loan", R, {"auto_repay": True}),
    "POST /v1/loans/{id}/repayments": _one("loan", R, {"amount": "1"}),
    "POST /v1/loans/{id}/collateral": _one("loan", R, {"asset": "BTC", "quantity": "1"}),
    "POST /v1/loans/{id}/collateral-withdrawals": _one("loan", R, {"asset": "BTC", "quantity": "1"}),
    "POST /v1/loans/{id}/extensions": _one("loan", R, {"tenor_days": 30}),
    "POST /v1/loans/{id}/what-if": _one("loan", R, {"repay": "1"}),
    "GET /v1/loans/{id}/statement": _one("loan", R),
    "DELETE /v1/mfa/passkeys/{id}": _one("passkey", R),
    "POST /v1/notices/{id}/read": _one("notice", R),
    "DELETE /v1/oauth/clients/{id}": _one("oauth_client", A),
    "POST /v1/oauth/clients/{id}/proposals": Ask(A, {"id": "oauth_client"}, more=_its_customer),
    "DELETE /v1/oauth/connections/{id}": _one("oauth_connection", R),
    "POST /v1/oauth/connections/{id}/agree": _one("oauth_connection", R),
    "GET /v1/orders/{order_id}": _one("order", R, name="order_id"),
    "DELETE /v1/orders/{order_id}": _one("order", R, name="order_id"),
    "PATCH /v1/orders/{order_id}": _one("order", R, {"quantity": "0.5"}, name="order_id"),
    "GET /v1/orders/{order_id}/execution-report": _one("order", R, name="order_id"),
    "POST /v1/orders/{order_id}/replace": _one("order", R, _ORDER, name="order_id"),
    "GET /v1/payment-orders/{id}": _one("payment_order", R),
    "POST /v1/payment-orders/{id}/prepay": _one("payment_order", R, {"amount_seen": "1"}),
    "POST /v1/payment-orders/{id}/pay": _one("payment_order", R),
    "POST /v1/payment-orders/{id}/cancel": _one("payment_order", R),
    "POST /v1/payment-orders/{id}/refund": _one("payment_order", F, {}),
    "GET /v1/price-alerts/{id}": _one("price_alert", R),
    "DELETE /v1/price-alerts/{id}": _one("price_alert", R),
    "GET /v1/products/{sku}": _one("product", R, name="sku"),
    "GET /v1/products/{sku}/prices": _one("product", R, name="sku"),
    "PATCH /v1/products/{sku}": _one("product", Role.PRODUCT, {"price": "2"}, name="sku"),
    "POST /v1/quotes/{id}/accept": _one("quote", R),
    "GET /v1/reconciliation/breaks/{id}": _one("break", F),
    "POST /v1/reconciliation/breaks/{id}/assign": _one("break", F, {"owner": str(uuid7())}),
    "POST /v1/reconciliation/breaks/{id}/confirm": _one("break", F),
    "POST /v1/reconciliation/breaks/{id}/notes": _one("break", F, {"text": "matrix"}),
    "POST /v1/reconciliation/breaks/{id}/reject": _one("break", F, {"text": "matrix"}),
    "POST /v1/reconciliation/breaks/{id}/resolve": _one("break", F, {"resolution": "close"}),
    "GET /v1/reconciliation/runs/{id}": _one("run", F),
    "GET /v1/reconciliation/statements/{id}": _one("statement", F),
    "POST /v1/screenings/{id}/decision": _one("screening", C, {"finding": "clear", "reason": "matrix"}),
    "DELETE /v1/sessions/{id}": _one("session", R),
    "PATCH /v1/staff/{id}": _one("staff", A, {"status": "locked", "reason": "matrix"}),
    "GET /v1/tenants/{id}": _one("tenant", A),
    "PATCH /v1/tenants/{id}": _one("tenant", A, {"registration_open": True}),
    "GET /v1/tenants/{id}/policy": _one("tenant", A),
    "PATCH /v1/tenants/{id}/policy": _one("tenant", A, {"whitelist_delay_h": 24}),
    "GET /v1/tenants/{id}/policy-changes": _one("tenant", A),
    "POST /v1/tenants/{id}/policy-changes/{change_id}/withdraw": Ask(A, {"id": "tenant", "change_id": "policy_change"}),
    "GET /v1/transfers/{id}": _one("transfer", R),
    "POST /v1/transfers/{id}/approve": _one("transfer", F),
    "POST /v1/transfers/{id}/cancel": _one("transfer", R),
    "POST /v1/transfers/{id}/reverse": _one("transfer", F, {}),
    "DELETE /v1/webhooks/{id}": _one("webhook", R),
    "GET /v1/webhooks/{id}/deliveries": _one("webhook", R),
    "POST /v1/webhooks/{id}/test": _one("webhook", R),
    "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay": Ask(R, {"id": "webhook", "delivery_id": "delivery"}),
}
_SIMULATION = "the simulated venues and the clock are the whole deployment's, and exist in a sandbox only"
EXEMPT = {
    "GET /v1/sandbox/clock/{advance_id}": _SIMULATION,
    "GET /v1/sandbox/faults/{fault_id}": _SIMULATION,
    "DELETE /v1/sandbox/faults/{fault_id}": _SIMULATION,
    "GET /v1/sandbox/prices/plays/{play_id}": _SIMULATION,
    "WEBSOCKET /compat/binance/ws/{names:path}": "names of channels; whose they are is said by a key, see the streams below",
}


def _parameters(path):
    return set(re.findall(r"{(\w+)(?::\w+)?}", path)) - _NAMED


def test_every_route_with_an_id_stands_in_the_matrix():
    naming = {f"{method} {path}" for method, path, _ in ROUTED if _parameters(path)}
    assert naming - set(ROUTES) - set(EXEMPT) == set(), "say which thing the new route names"
    assert (set(ROUTES) | set(EXEMPT)) - naming == set(), "there are no such routes any more"
    for route, ask in ROUTES.items():
        assert _parameters(route) == set(ask.things), route
        assert set(ask.things.values()) <= set(THINGS), route


@pytest.fixture(scope="module")
def world(house):
    return World(house)


def headers(world, who):
    """A role of the first house, or an e-mail."""
    return {"Authorization": f"Bearer {world.house._tokens[who]}"}


def send(world, route, wanted, who):
    method, address = route.split(" ")
    for name, value in wanted.path.items():
        address = address.replace("{" + name + "}", str(value))
    return world.house.client.request(method, address, headers=headers(world, who), **wanted.carries)


def named_by(world, ask, who):
    """An id for each parameter; what is part of another thing is part of that very one."""
    made = {}
    for thing in sorted(ask.things.values(), key=lambda name: -len(THINGS[name].parents)):
        if thing not in made:
            made |= world.give_whole(thing, who)
    carries = {"json": ask.body, "files": ask.files} if ask.more is None else ask.more(world, who, made)
    return Wanted({name: made[thing] for name, thing in ask.things.items()}, carries)


def permitted(route):
    return [role for role in Role if DEMANDS[route] <= EXPECTED[role]]


def hidden(answer, route, who):
    assert answer.status_code == 404, (route, who, answer.text)


@pytest.fixture(autouse=True)
def proven(world):
    """Whoever is asked has just proven themselves, however long the suite runs, and lost no second factor just now."""
    with world.house.sql("superuser") as root:
        root.execute("UPDATE identity.sessions SET created_at = now(), proven_at = now() WHERE ended_at IS NULL")
        root.execute("UPDATE identity.second_factors SET weakened_at = NULL")


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_what_is_not_yours_is_404(world, route):
    ask = ROUTES[route]
    foreign = named_by(world, ask, "stranger")
    for role in Role:
        answer = send(world, route, foreign, role)
        if role in permitted(route):
            hidden(answer, route, role)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (route, role)
    for role in permitted(route):  # and the other way round
        who = f"{role}@second.example"
        hidden(send(world, route, named_by(world, ask, "mine"), who), route, who)
    things = [THINGS[thing] for thing in ask.things.values()]
    if any(thing.owner or thing.private for thing in things):
        next_door = named_by(world, ask, "neighbour")
        watched = permitted(route) if any(thing.private for thing in things) else [Role.RETAIL]
        for role in set(watched) & set(permitted(route)):
            hidden(send(world, route, next_door, role), route, role)
    own = send(world, route, named_by(world, ask, "mine"), ask.by)
    assert own.status_code not in {401, 403, 404, 500}, (route, "the control: one's own is found", own.text)


def test_a_part_of_a_foreign_thing_is_not_reached_through_an_own_one(world):
    for who in ("neighbour", "stranger"):
        own, foreign = world.give("webhook", "mine"), world.give_whole("delivery", who)
        for webhook, delivery in ((own, foreign["delivery"]), (foreign["webhook"], foreign["delivery"])):
            answer = world.house.client.post(
                f"/v1/webhooks/{webhook}/deliveries/{delivery}/replay", headers=headers(world, Role.RETAIL)
            )
            hidden(answer, "replay", who)
    tenant, change = world.house.first, world.give("policy_change", "stranger")
    answer = world.house.client.post(
        f"/v1/tenants/{tenant}/policy-changes/{change}/withdraw", headers=headers(world, Role.ADMIN)
    )
    hidden(answer, "withdraw", Role.ADMIN)


LISTS = sorted(
    path
    for method, path, demands in ROUTED
    if method == "GET" and demands and not _parameters(path) and "{" not in path
)
ANSWERS = {
    "/v1/oauth/consent": "what a program asks, named in the query; see below",
    "/v1/deposit-addresses": "the one address of who asks, for a network and an asset in the query",
    "/v1/oauth/devices": "one device, by the code in the query; see below",
    "/v1/reserves/proof": "one's own leaves of a published snapshot; see the tests of the reserves over HTTP",
    "/v1/treasury/history": "one balance, by the place in the query; see test_lines_and_levels",
}
"""No lists: without what they are asked about they answer nothing."""
OF_THE_SIMULATION = {path for path in LISTS if path.startswith("/v1/sandbox/")}


@pytest.fixture(scope="module")
def everything(world):
    """One of each for each holder: who → thing → what it is called."""
    made = {who: {} for who in world.holders}
    for who in made:
        for thing in THINGS:
            made[who] |= world.give_whole(thing, who)
    return made


def marks(world, everything, who, *, private=False):
    """Words by which somebody's things are known; with `private` only of things that nobody else of the house sees."""
    holder = world.holders[who]
    things = {t: v for t, v in everything[who].items() if not private or THINGS[t].private or THINGS[t].owner}
    words = {str(value) for thing, value in things.items() if thing not in {"tenant", "account"}}
    return words | {str(holder.id), holder.email} | (set() if private else {str(holder.tenant)})


def listed(world, path, role):
    """A page as long as the list permits."""
    for query in ({"limit": 200}, {"limit": 50}, {}):
        answer = world.house.client.get(path, params=query, headers=headers(world, role))
        if answer.status_code != 400:
            break
    return answer


def not_denied(entries):
    """What was asked for in vain stands in the audit of who asked."""
    return [entry for entry in entries if entry["action"] != "request.denied"]


@pytest.mark.parametrize("path", sorted(set(LISTS) - OF_THE_SIMULATION - set(ANSWERS)))
def test_no_list_shows_what_is_not_yours(world, everything, path):
    for role in permitted(f"GET {path}"):
        answer = listed(world, path, role)
        assert answer.status_code in {200, 503}, (path, role, answer.text)
        text = answer.text if path != "/v1/audit" else str(not_denied(answer.json()["items"]))
        shown = {word for word in marks(world, everything, "stranger") if word in text}
        assert shown == set(), (path, role)
        if role is Role.RETAIL:
            shown = {word for word in marks(world, everything, "neighbour", private=True) if word in text}
            assert shown == set(), path


def test_lists_show_what_is_yours(world, everything):
    """The control of the lists: each has one's own."""
    silent = set()
    for route, ask in ROUTES.items():
        path = route.split(" ")[1]
        listing = path.rsplit("/{", 1)[0]
        if listing not in LISTS or path.count("{") != 1 or not path.endswith("}"):
            continue
        thing = next(iter(ask.things.values()))
        mine = everything["mine"][thing]
        if route.startswith("PUT "):  # what is said about something that exists anyway
            answer = send(world, route, named_by(world, ask, "mine"), ask.by)
            assert answer.status_code == 200, (route, answer.text)
        if str(mine) not in listed(world, listing, ask.by).text:
            silent.add(listing)
    assert silent == set()


def test_an_id_in_a_body_or_a_query_reaches_nothing_of_another_house(world, everything):
    house = world.house
    stranger = world.holders["stranger"]
    export = {"what": "statement", "account": stranger.account}
    answer = house.client.post("/v1/ledger/exports", json=export, headers=headers(world, F))
    assert answer.status_code in {400, 404}, answer.text
    move = {"from": f"account:{stranger.account}", "to": "retail@first.example", "asset": "USDT", "amount": "1"}
    for role in (R, F):
        for to_or_from in (move, move | {"from": "retail@first.example", "to": stranger.email}):
            answer = house.client.post("/v1/transfers", json=to_or_from, headers=headers(world, role))
            assert answer.status_code in {400, 403, 404}, (role, answer.text)
            batch = {"mode": "continue", "items": [to_or_from]}
            answer = house.client.post("/v1/transfers:batch", json=batch, headers=headers(world, role))
            assert answer.status_code >= 400 or answer.json()["items"][0]["status"] not in {
                "ok",
                "exists",
                "awaiting_approval",
            }
    for query in ({"resource": f"account:{stranger.account}"}, {"actor": str(stranger.id)}):
        found = house.client.get("/v1/audit", params=query, headers=headers(world, A))
        assert found.json()["items"] == [], query
    with house.sql("engine") as engine:
        seen = engine.execute(
            "SELECT count(*) FROM payments.entries WHERE account_id = %s", [stranger.account]
        ).fetchone()
    assert seen == (1,)


def test_a_proposal_and_a_ticket_go_to_nobody_of_another_house(world):
    client, ticket, stranger = (
        world.give("oauth_client", "mine"),
        world.give("break", "mine"),
        world.holders["stranger"],
    )
    proposal = {"customer_id": str(stranger.id), "scopes": ["read"]}
    answer = world.house.client.post(f"/v1/oauth/clients/{client}/proposals", json=proposal, headers=headers(world, A))
    hidden(answer, "proposal", A)
    colleague, foreign = world.house.ids[A], world.house.ids[f"{A}@second.example"]
    for owner, expected in ((foreign, 409), (colleague, 200)):
        address = f"/v1/reconciliation/breaks/{ticket}/assign"
        answer = world.house.client.post(address, json={"owner": str(owner)}, headers=headers(world, F))
        assert answer.status_code == expected, answer.text


def test_programs_and_devices_of_another_house_ask_nobody_here(world):
    """What `ANSWERS` tell, and that the same is answered where the program is of one's own house."""
    question = {"response_type": "code", "redirect_uri": "https://program.example/", "scope": "read", "state": "s"}
    question |= {"code_challenge": "c" * 43, "code_challenge_method": "S256"}
    for who, expected in (("stranger", 400), ("mine", 200)):
        asked = question | {"client_id": world.give("program", who)}
        answer = world.house.client.get("/v1/oauth/consent", params=asked, headers=headers(world, R))
        assert answer.status_code == expected, (who, answer.text)
        answer = world.house.client.post("/v1/oauth/consent/refuse", json=asked, headers=headers(world, R))
        assert answer.status_code == expected, (who, answer.text)
    for who, expected in (("stranger", 404), ("mine", 200)):
        shown = {"user_code": world.give("device", who)}
        answer = world.house.client.get("/v1/oauth/devices", params=shown, headers=headers(world, R))
        assert answer.status_code == expected, (who, answer.text)
        answer = world.house.client.post("/v1/oauth/devices/refuse", json=shown, headers=headers(world, R))
        assert answer.status_code == (404 if expected == 404 else 204), (who, answer.text)


def test_own_channels_of_the_stream_tell_nothing_of_anybody_else(world):
    """There is no name for somebody else's channel; and what happens to others is not heard on one's own."""
    from tests.stream_clients import StreamClient, telling

    house = world.house
    with StreamClient(house.client.base_url) as client, telling(house) as teller:
        client.login(headers(world, Role.RETAIL))
        for made_up in (
            f"orders:{world.holders['neighbour'].id}",
            f"fills:{world.holders['stranger'].id}",
            "balances:*",
        ):
            refused = client.ask(op="subscribe", channels=[made_up])
            assert (refused["op"], refused["code"]) == ("error", "unknown_channel")
        assert client.ask(op="subscribe", channels=["orders"])["op"] == "subscribed"
        assert client.data("orders")["type"] == "snapshot"
        teller.tell(world.holders["neighbour"].id, 666)
        teller.tell(world.holders["mine"].id, 1)
        assert client.data("orders")["data"] == {"n": 1}
        foreign = client.ask(op="resume", channel="orders", seq=5)
        assert foreign["op"] == "error"


def test_staff_of_another_house_log_in_and_see_their_own(world):
    for role in set(Role) - {Role.RETAIL}:
        me = world.house.client.get("/v1/me", headers=headers(world, f"{role}@second.example")).json()
        assert me["email"] == f"{role}@second.example"
    assert world.house.login("admin@second.example", PASSWORD + "x").status_code == 401
