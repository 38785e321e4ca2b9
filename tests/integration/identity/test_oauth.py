"""Programs over the real HTTP: each grant from its first question to its end, and what a token may do meanwhile."""

import threading
import time

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from identity.oauth.rules import USER_CODE_LETTERS
from rivermouth import login
from tests import oauth_programs as programs
from tests.oauth_programs import DEVICE, REFRESH, bearer


@pytest.fixture(scope="module")
def program(house):
    return programs.register(house)


def in_parallel(count, deed):
    answers, threads = [], [threading.Thread(target=lambda: answers.append(deed())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def connections(house, who="retail"):
    return house.client.get("/v1/oauth/connections", headers=house.auth(who)).json()["items"]


def test_the_document_for_programs_is_as_the_standard_wants_it(house):
    told = house.client.get("/.well-known/oauth-authorization-server").json()
    told = {k: v.replace("http://", "https://") if isinstance(v, str) else v for k, v in told.items()}
    AuthorizationServerMetadata(told).validate()
    assert told["code_challenge_methods_supported"] == ["S256"]


def test_an_ordinary_client_library_goes_the_whole_way(house, program):
    base = programs.issuer(house)
    with OAuth2Client(
        program["client_id"], program["client_secret"], scope="read", redirect_uri=programs.CALLBACK,
        code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic",
    ) as client:  # fmt: skip
        verifier = programs.pkce().verifier
        url, state = client.create_authorization_url(f"{base}/oauth/authorize", code_verifier=verifier)
        sent = house.client.get(url)
        assert (sent.status_code, sent.headers["location"].startswith("/connect?")) == (302, True)
        asked = dict(httpx.URL("http://x" + sent.headers["location"]).params)
        back = house.client.post("/v1/oauth/consent", json=asked, headers=house.auth("retail")).json()["redirect_to"]
        assert back.startswith(programs.CALLBACK + "?")
        client.fetch_token(f"{base}/oauth/token", authorization_response=back, state=state, code_verifier=verifier)
        assert client.get(f"{base}/v1/balances").status_code == 200
        client.refresh_token(f"{base}/oauth/token", refresh_token=client.token["refresh_token"])
        assert client.get(f"{base}/v1/balances").status_code == 200
        assert (
            client.introspect_token(f"{base}/oauth/introspect", client.token["access_token"]).json()["active"] is True
        )
        assert client.revoke_token(f"{base}/oauth/revoke", client.token["access_token"]).status_code == 200
        assert client.get(f"{base}/v1/balances").status_code == 401
        assert client.introspect_token(f"{base}/oauth/introspect", client.token["access_token"]).json() == {
            "active": False
        }


def test_a_token_never_reaches_what_belongs_to_the_person(house, program):
    mine = bearer(programs.connect(house, program, scope="read trade")["access_token"])
    for method, path in (
        ("GET", "/v1/sessions"), ("GET", "/v1/me"), ("POST", "/v1/api-keys"), ("GET", "/v1/mfa"), ("POST", "/v1/me/password"),
        ("POST", "/v1/transfers"), ("GET", "/v1/oauth/connections"), ("POST", "/v1/oauth/consent"), ("POST", "/v1/oauth/devices"),
        ("GET", "/v1/oauth/clients"), ("GET", "/v1/approvals"),
    ):  # fmt: skip
        answer = house.client.request(method, path, headers=mine)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    assert house.client.get("/v1/orders", headers=mine).status_code == 200


def test_the_programs_session_is_no_login_of_the_person_and_ends_with_the_connection(house):
    program = programs.register(house)
    before = len(house.client.get("/v1/sessions", headers=house.auth("retail")).json()["items"])
    got = programs.connect(house, program)
    assert len(house.client.get("/v1/sessions", headers=house.auth("retail")).json()["items"]) == before
    (mine,) = [row for row in connections(house) if row["client_id"] == program["client_id"]]
    assert (mine["state"], mine["scopes"]) == ("agreed", ["read"])
    path = f"/v1/oauth/connections/{mine['id']}"
    assert house.client.delete(path, headers=house.auth("other")).status_code == 404
    assert house.client.delete(path, headers=house.auth("admin")).status_code == 404
    assert house.client.delete(path, headers=house.auth("retail")).status_code == 204
    assert house.client.get("/v1/balances", headers=bearer(got["access_token"])).status_code == 401
    refused = programs.token(house, program, grant_type=REFRESH, refresh_token=got["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert house.client.delete(path, headers=house.auth("retail")).status_code == 404


def test_a_program_that_is_removed_has_nothing_left(house):
    program = programs.register(house)
    got = programs.connect(house, program)
    path = f"/v1/oauth/clients/{program['id']}"
    assert house.client.delete(path, headers=house.auth("retail")).status_code == 403
    assert house.client.delete(path, headers=house.auth("admin")).status_code == 204
    assert house.client.get("/v1/balances", headers=bearer(got["access_token"])).status_code == 401
    assert programs.token(house, program, grant_type=REFRESH, refresh_token=got["refresh_token"]).status_code == 401
    assert all(row["client_id"] != program["client_id"] for row in connections(house))


def test_another_houses_customer_sees_no_program_of_this_one(house, program):
    asked = programs.question(program, programs.pkce())
    refused = house.client.post("/v1/oauth/consent", json=asked, headers=house.auth("other"))
    assert (refused.status_code, refused.json()["code"]) == (400, "oauth_request_invalid")


def test_no_program_acts_for_staff(house, program):
    """The books of the whole house would be open to it, for a month and without a second factor."""
    asked = programs.question(program, programs.pkce())
    refused = house.client.post("/v1/oauth/consent", json=asked, headers=house.auth("finance"))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    terminal = programs.register(house, grants=[DEVICE, REFRESH], redirect_uris=[], confidential=False)
    begun = house.client.post("/oauth/device_authorization", data={"client_id": terminal["client_id"]}).json()
    body = {"user_code": begun["user_code"]}
    refused = house.client.post("/v1/oauth/devices", json=body, headers=house.auth("finance"))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert connections(house, "finance") == []
    assert house.client.post("/v1/oauth/devices", json=body, headers=house.auth("retail")).status_code == 204


def test_the_secret_is_shown_once_and_stored_nowhere(house):
    body = {"name": "once", "grants": ["client_credentials"], "scopes": ["read"], "confidential": True}
    headers = house.auth("admin") | {"Idempotency-Key": "program-once"}
    made = house.client.post("/v1/oauth/clients", json=body, headers=headers)
    assert made.status_code == 201
    again = house.client.post("/v1/oauth/clients", json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "secret_not_repeatable")
    with house.sql("superuser") as connection:
        stored = connection.execute("SELECT string_agg(c::text, ' ') FROM identity.oauth_clients c").fetchone()[0]
    assert made.json()["client_secret"] not in stored


def test_a_program_of_one_customer_acts_once_that_customer_agreed(house):
    program = programs.register(house, grants=["client_credentials"], redirect_uris=[])
    early = programs.token(house, program, grant_type="client_credentials")
    assert (early.status_code, early.json()["error"]) == (400, "unauthorized_client")
    body = {"customer_id": str(house.ids["retail"]), "scopes": ["read"]}
    path = f"/v1/oauth/clients/{program['id']}/proposals"
    for who in ("other", "auditor"):
        nobody = house.client.post(path, json={**body, "customer_id": str(house.ids[who])}, headers=house.auth("admin"))
        assert nobody.status_code == 404, "neither another house's customer nor staff"
    made = house.client.post(path, json=body, headers=house.auth("admin"))
    assert made.status_code == 201, made.text
    assert programs.token(house, program, grant_type="client_credentials").json()["error"] == "unauthorized_client"
    agree = f"/v1/oauth/connections/{made.json()['id']}/agree"
    assert house.client.post(agree, headers=house.auth("admin")).status_code == 404, (
        "staff agree to nothing for a customer"
    )
    assert house.client.post(agree, headers=house.auth("retail")).json()["state"] == "agreed"
    got = programs.token(house, program, grant_type="client_credentials")
    assert (got.status_code, got.json()["scope"], "refresh_token" in got.json()) == (200, "read", False)
    assert house.client.get("/v1/balances", headers=bearer(got.json()["access_token"])).status_code == 200
    wider = programs.token(house, program, grant_type="client_credentials", scope="read trade")
    assert wider.json()["error"] == "invalid_scope"
    second = house.client.post(path, json=body, headers=house.auth("admin"))
    assert (second.status_code, second.json()["code"]) == (409, "connection_taken")


def test_a_terminal_shows_a_code_and_its_owner_says_yes_in_the_browser(house):
    terminal = programs.register(house, grants=[DEVICE, REFRESH], redirect_uris=[], confidential=False)
    told, got = [], []
    run = threading.Thread(
        target=lambda: got.append(
            login.login(
                house.client,
                client_id=terminal["client_id"],
                scope="read",
                say=told.append,
                pause=lambda _s: time.sleep(0.05),
            )
        )
    )
    run.start()
    deadline = time.monotonic() + 30
    while not told:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    code = told[0].split("Code")[1].split()[0]
    assert f"{programs.issuer(house)}/device" in told[0]
    assert set(code.replace("-", "")) <= set(USER_CODE_LETTERS)
    typed = code.lower().replace("-", " ")
    seen = house.client.get("/v1/oauth/devices", params={"user_code": typed}, headers=house.auth("retail"))
    assert (seen.json()["program"], seen.json()["address"]) == (terminal["name"], "127.0.0.1")
    said = house.client.post("/v1/oauth/devices", json={"user_code": typed}, headers=house.auth("retail"))
    assert said.status_code == 204
    run.join(30)
    assert house.client.get("/v1/balances", headers=bearer(got[0]["access_token"])).status_code == 200
    again = house.client.post("/v1/oauth/devices", json={"user_code": typed}, headers=house.auth("retail"))
    assert (again.status_code, again.json()["code"]) == (404, "user_code_unknown")


def test_a_device_that_is_refused_or_in_a_hurry_gets_nothing(house):
    terminal = programs.register(house, grants=[DEVICE], redirect_uris=[], confidential=False)
    begun = house.client.post("/oauth/device_authorization", data={"client_id": terminal["client_id"]}).json()
    errors = [
        programs.token(house, terminal, grant_type=DEVICE, device_code=begun["device_code"]).json()["error"]
        for _ in range(3)
    ]
    assert errors == ["authorization_pending", "slow_down", "slow_down"]
    body = {"user_code": begun["user_code"]}
    assert house.client.post("/v1/oauth/devices/refuse", json=body, headers=house.auth("retail")).status_code == 204
    answer = programs.token(house, terminal, grant_type=DEVICE, device_code=begun["device_code"])
    assert answer.json()["error"] == "access_denied"


def test_of_forty_uses_of_one_code_at_once_one_wins(house, program):
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    answers = in_parallel(40, lambda: programs.exchange_code(house, program, proof, code).status_code)
    assert sorted(answers) == [200] + [400] * 39


def test_of_forty_refreshes_at_once_all_get_the_same_successor(house, program):
    got = programs.connect(house, program)
    answers = in_parallel(
        40, lambda: programs.token(house, program, grant_type=REFRESH, refresh_token=got["refresh_token"])
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 1


def test_of_forty_uses_of_one_partners_token_one_wins(house):
    key = programs.partner_key()
    partner = programs.embedding(house, key)
    programs.vouched(house, partner, subject="seven")
    token = programs.signed(key, programs.claims(house, subject="seven"))
    answers = in_parallel(40, lambda: programs.exchange(house, partner, token).status_code)
    assert sorted(answers) == [200] + [401] * 39


def test_what_was_done_is_written_down_and_told(house):
    program = programs.register(house)
    programs.connect(house, program)
    with house.sql("superuser") as connection:
        actions = {row[0] for row in connection.execute("SELECT action FROM identity.audit_entries")}
        told = connection.execute(
            "SELECT payload FROM kernel.outbox WHERE topic = 'identity.program_connected.v1'"
        ).fetchall()
    assert {"oauth_client.created", "oauth_connection.agreed", "oauth_session.opened"} <= actions
    assert any(row[0]["program"] == program["name"] for row in told)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&grant_type=client_credentials"),
        ("application/x-www-form-urlencoded", b"&".join(b"x%d=1" % n for n in range(40))),
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&client_id=%00%ff"),
        ("application/x-www-form-urlencoded", b"grant_type=%22nonsense%22"),
        ("application/x-www-form-urlencoded", b""),
    ],
)
def test_what_is_no_request_is_refused_in_words(house, content_type, body):
    for path in ("token", "revoke", "introspect", "device_authorization"):
        answer = house.client.post(f"/oauth/{path}", content=body, headers={"content-type": content_type})
        assert answer.status_code in {400, 401}, answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"grants": ["refresh_token"], "redirect_uris": []},
        {"grants": ["client_credentials"], "redirect_uris": [], "confidential": False},
        {"grants": ["client_credentials", "authorization_code"]},
        {"redirect_uris": []},
        {"redirect_uris": ["http://app.example/callback"]},
        {"redirect_uris": ["https://app.example/#x"]},
        {"redirect_uris": ["app:/callback"]},
        {"redirect_uris": ["https://user@app.example/"]},
        {"grants": [programs.EXCHANGE], "redirect_uris": []},
        {"partner": {"issuer": "x", "jwks_url": "https://x.example/keys"}},
        *(
            {
                "grants": [programs.EXCHANGE],
                "redirect_uris": [],
                "confidential": False,
                "partner": {"issuer": "x", **partner},
            }
            for partner in (
                {},
                {"jwks_url": "https://127.0.0.1/keys"},
                {"jwks_url": "https://[::1]/keys"},
                {"jwks_url": "file:///etc/passwd"},
                {"jwks_url": "https://x.example/keys", "origins": ["https://*.example"]},
                {"jwks_url": "https://x.example/keys", "origins": ["https://x.example/"]},
                {"jwks_url": "https://x.example/keys", "origins": ["http://x.example"]},
                {"jwks_url": "https://x.example/keys", "origins": ["https://x.example; script-src *"]},
            )
        ),
    ],
)
def test_no_unsafe_program_is_registered(house, changes):
    body = {
        "name": "odd",
        "grants": ["authorization_code"],
        "scopes": ["read"],
        "redirect_uris": [programs.CALLBACK],
        "confidential": True,
    }
    answer = house.client.post("/v1/oauth/clients", json=body | changes, headers=house.auth("admin"))
    assert (answer.status_code, answer.json()["code"]) == (400, "oauth_client_invalid"), answer.text
