"""Every route × every role, generated from the application: 401 without a session, 403 without the permission, else past the gate.

The expectation is not read from the permission table alone: what each role may do is written down here once more, by hand.
"""

from __future__ import annotations

import pytest
from fastapi import APIRouter

from identity.permissions import ROLE_PERMISSIONS, Permission, permissions_of
from identity.principals.states import Role
from kernel.settings import Mode, Settings
from rivermouth import openapi
from rivermouth.http import create_app

EVERYBODY = {"me:read", "security:write", "markets:read", "products:read", "fees:read", "notices:read"}
STAFF = EVERYBODY | {"approvals:read"}
CONTROLS = {"controls:read", "controls:write"}
BOOKS_READ = {
    "invariants:read",
    "accounts:read",
    "transfers:read",
    "payment_orders:read",
    "ledger:read",
    "ledger:export",
    "reconciliation:read",
}
EXPECTED = {
    "retail": EVERYBODY
    | {"orders:read", "orders:write", "balances:read", "statements:read", "accounts:read"}
    | {"payment_orders:read", "payment_orders:write", "transfers:read", "transfers:write"}
    | {
        "alerts:write",
        "api_keys:write",
        "webhooks:write",
        "kyc:write",
        "loans:read",
        "subscriptions:read",
        "loans:write",
        "subscriptions:write",
    },
    "treasury": STAFF
    | CONTROLS
    | {
        "treasury:read",
        "revenue:read",
        "channels:write",
        "lending:read",
        "earn:read",
        "loans:read",
        "subscriptions:read",
    },
    "product": STAFF
    | {"products:write", "payment_orders:read", "refunds:write"}
    | {
        "lending:read",
        "earn:read",
        "loans:read",
        "subscriptions:read",
        "lending:write",
        "earn:write",
        "lending:decide",
        "earn:decide",
    },
    "finance": STAFF
    | BOOKS_READ
    | {"transfers:write", "transfers:approve", "refunds:write", "ledger:import", "reconciliation:write"}
    | {"revenue:read", "lending:read", "earn:read", "loans:read", "subscriptions:read"},
    "admin": STAFF
    | CONTROLS
    | {"markets:write", "invariants:read", "revenue:read", "audit:read", "sandbox"}
    | {"channels:write", "customers:read", "customers:write", "staff:write", "roles:read"}
    | {"oauth_clients:write", "tenants:read", "tenants:write"}
    | {"lending:read", "earn:read", "loans:read", "subscriptions:read", "lending:decide", "earn:decide"},
    "support": STAFF | {"controls:read", "execution:read", "customers:read", "customers:write"},
    "compliance": STAFF
    | {"controls:read", "execution:read", "audit:read"}
    | {
        "customers:read",
        "people:approve",
        "roles:read",
        "kyc:read",
        "kyc:decide",
        "lending:read",
        "earn:read",
        "loans:read",
        "subscriptions:read",
    },
    "auditor": STAFF
    | BOOKS_READ
    | {"revenue:read", "execution:read", "audit:read"}
    | {"customers:read", "roles:read", "tenants:read", "lending:read", "earn:read", "loans:read", "subscriptions:read"},
}
PUBLIC = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/docs")}
PUBLIC |= {("POST", "/v1/sessions"), ("POST", "/v1/sessions/refresh")}
PUBLIC |= {("POST", "/v1/sessions/passkey-offers"), ("POST", "/v1/sessions/passkey")}
PUBLIC |= {("POST", f"/oauth/{name}") for name in ("token", "device_authorization", "revoke", "introspect")}
PUBLIC |= {("GET", "/oauth/authorize"), ("GET", "/oauth/embedding")}
PUBLIC |= {("GET", "/oauth/staff/login"), ("GET", "/oauth/staff/callback")}
PUBLIC |= {("GET", "/.well-known/oauth-authorization-server")}
PUBLIC |= {("GET", "/v1/registrations/offer"), ("POST", "/v1/registrations")}  # who comes by a mail has no session yet
PUBLIC |= {("POST", f"/v1/registrations/{verb}") for verb in ("resend", "verify")}
PUBLIC |= {("POST", "/v1/password-resets"), ("POST", "/v1/password-resets/confirm")}
PUBLIC |= {("POST", "/v1/email-changes/confirm"), ("POST", "/v1/account-freezes")}
PUBLIC |= {("GET", "/v1/tenants/current"), ("GET", "/v1/tenants/current/theme.css")}
PUBLIC |= {("GET", "/v1/sessions/methods"), ("POST", "/v1/sessions/passkey-offers"), ("POST", "/v1/sessions/passkey")}
PUBLIC |= {("GET", f"/udf/{name}") for name in ("config", "time", "symbols", "search", "history", "quotes")}
PUBLIC |= {("POST", "/v1/custodian/hooks")}  # signed by the custodian, and believed in nothing
PUBLIC |= {("GET", "/v1/stream"), ("WEBSOCKET", "/v1/stream")}  # whoever listens is judged by what it listens to
BINANCE_SOCKETS = ("ws", "ws/{names}", "ws/{names:path}", "stream", "ws-api/v3")
PUBLIC |= {("WEBSOCKET", f"/compat/binance/{name}") for name in BINANCE_SOCKETS}

# Requests of bots know no session: what is not market data is judged by the signature in the request itself.
_COMPAT = "/compat/binance/api/v3/"
_OPEN = "ping time exchangeInfo depth trades aggTrades klines avgPrice ticker/24hr ticker/price ticker/bookTicker"
_SIGNED = (
    "GET account",
    "POST order",
    "POST order/test",
    "GET order",
    "DELETE order",
    "POST order/cancelReplace",
    "GET openOrders",
    "DELETE openOrders",
    "GET allOrders",
    "GET myTrades",
)
PUBLIC |= {("GET", _COMPAT + path) for path in _OPEN.split()}
SIGNED = {(method, _COMPAT + path) for method, path in (one.split() for one in _SIGNED)}
KEYED = {(method, _COMPAT + "userDataStream") for method in ("POST", "PUT", "DELETE")}
PUBLIC |= SIGNED | KEYED

APP = create_app(Settings(mode=Mode.SANDBOX))
ROUTES = sorted(openapi.routes(APP), key=lambda r: (r[1], r[0]))
DESCRIBED = [route for route in ROUTES if route[0] != "WEBSOCKET"]  # OpenAPI knows no sockets
DEMANDING = [(method, path, demands) for method, path, demands in ROUTES if demands]


def concrete(path):
    """The path with an id in each place; a route that got that far answers 404 or 400, which is past the gate."""
    for name in ("id", "order_id", "fault_id", "play_id", "advance_id", "delivery_id", "change_id"):
        path = path.replace("{" + name + "}", "00000000-0000-7000-8000-00000000dead")
    named = {"symbol": "BTC-USDT", "venue": "binance", "sku": "no-such-product", "date": "2026-01-31"}
    for name, value in named.items():
        path = path.replace("{" + name + "}", value)
    return path


def test_the_table_of_roles_is_as_agreed():
    assert {role.value: set(permissions) for role, permissions in ROLE_PERMISSIONS.items()} == EXPECTED
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_only_these_routes_are_public():
    assert {(method, path) for method, path, demands in ROUTES if demands == frozenset()} <= PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(SIGNED), ids=[f"{m} {p}" for m, p in sorted(SIGNED)])
def test_what_a_bot_asks_for_itself_needs_a_key_and_its_signature(house, method, path):
    session = house.auth(Role.RETAIL)
    no_key = house.client.request(method, path, headers=session)
    assert (no_key.status_code, no_key.json()["code"]) == (401, -2014)
    headers = session | {"X-MBX-APIKEY": "rmk_" + "A" * 43}
    unsigned = house.client.request(method, path, headers=headers)
    assert (unsigned.status_code, unsigned.json()["code"]) == (400, -1102)
    wrong = house.client.request(method, path + "?timestamp=1&signature=00", headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (401, -2015)


@pytest.mark.parametrize(("method", "path"), sorted(KEYED), ids=[f"{m} {p}" for m, p in sorted(KEYED)])
def test_a_listen_key_needs_a_key(house, method, path):
    session = house.auth(Role.RETAIL)
    no_key = house.client.request(method, path, headers=session)
    assert (no_key.status_code, no_key.json()["code"]) == (401, -2014)
    wrong = house.client.request(method, path, headers=session | {"X-MBX-APIKEY": "rmk_" + "A" * 43})
    assert (wrong.status_code, wrong.json()["code"]) == (401, -2015)


def test_every_permission_is_held_by_somebody():
    assert permissions_of(Role) == set(Permission)


def test_a_route_that_declares_nothing_stops_the_start():
    router = APIRouter()

    @router.get("/v1/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(openapi.UndeclaredRoute, match="GET /v1/forgotten"):
        create_app(Settings(), routers=[router])


def test_the_document_tells_the_permission_of_every_route():
    paths = APP.openapi()["paths"]
    told = {(m.upper(), p, tuple(o["x-permission"])) for p, operations in paths.items() for m, o in operations.items()}
    assert told == {(m, p, tuple(sorted(d))) for m, p, d in DESCRIBED if p != "/docs"}


def test_the_page_for_people_names_every_route_and_loads_nothing(house):
    answer = house.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert all(f"<code>{path}</code>" in answer.text for _, path, _ in DESCRIBED if path != "/docs")
    for word in ("<script", "http://", "https://", "src="):
        assert word not in answer.text


@pytest.mark.parametrize(("method", "path", "demands"), DEMANDING, ids=[f"{m} {p}" for m, p, _ in DEMANDING])
def test_each_role_gets_exactly_what_its_permissions_say(house, method, path, demands):
    address = concrete(path)
    assert "{" not in address, "teach concrete() this parameter"
    anonymous = house.client.request(method, address)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthorized")
    for role in Role:
        if (method, path) == ("DELETE", "/v1/sessions/current"):
            house._tokens.pop(role, None)  # this one ends the session it is called with
        headers = house.auth(role)
        if (method, path) == ("DELETE", "/v1/sessions/current"):
            house._tokens.pop(role, None)
        answer = house.client.request(method, address, headers=headers)
        if {p.value for p in demands} <= EXPECTED[role]:
            assert answer.status_code not in (401, 403, 500), (role, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), role
