"""OAuth without PKCE, `plain`, the redirect_uri prefix trick, code replay, another client's code, wider scope at refresh, guessing."""

import itertools
import secrets

import pytest

from tests import oauth_programs as programs
from tests.oauth_programs import CALLBACK, CODE, DEVICE, REFRESH, bearer


@pytest.fixture(scope="module")
def program(house):
    return programs.register(house)


def ask(house, asked, *, who="retail", allow=True):
    path = "/v1/oauth/consent" if allow else "/v1/oauth/consent/refuse"
    return house.client.post(path, json=asked, headers=house.auth(who))


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
    ],
    ids=["none", "no challenge", "no method", "plain", "small s", "too short"],
)
def test_35_without_pkce_of_the_strong_kind_there_is_no_code(house, program, changes):
    back = programs.consent(house, program, programs.pkce(), **changes)
    assert (back["error"], back["state"], back["iss"]) == ("invalid_request", "xyz", programs.issuer(house))
    assert "code" not in back


@pytest.mark.parametrize("verifier", [None, "", "A" * 43, "A" * 200], ids=["none", "empty", "another", "too long"])
def test_35_a_code_is_worth_nothing_without_its_verifier(house, program, verifier):
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    refused = programs.exchange_code(house, program, proof, code, code_verifier=verifier)
    assert refused.status_code == 400, refused.text
    assert programs.exchange_code(house, program, proof, code).status_code == 200  # its owner still has it


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK + "/evil",
        CALLBACK + "?next=https://evil.example",
        CALLBACK + "#x",
        "https://app.example/callback/../evil",
        "https://app.example/Callback",
        "https://app.example:8443/callback",
        "https://app.example@evil.example/callback",
        "https://app.example.evil.example/callback",
        "http://app.example/callback",
        "javascript:alert(1)",
        "//evil.example",
        None,
    ],
)
def test_35_the_answer_goes_to_the_very_address_that_was_registered_or_nowhere(house, program, uri):
    asked = programs.question(program, programs.pkce(), redirect_uri=uri)
    for allow in (True, False):
        refused = ask(house, asked, allow=allow)
        assert (refused.status_code, refused.json()["code"]) == (400, "oauth_request_invalid"), refused.text
    looked = house.client.get("/v1/oauth/consent", params=asked, headers=house.auth("retail"))
    assert (looked.status_code, looked.json()["code"]) == (400, "oauth_request_invalid")


def test_35_the_code_is_exchanged_with_the_same_address(house, program):
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    for uri in (CALLBACK + "/", None):
        assert programs.exchange_code(house, program, proof, code, redirect_uri=uri).json()["error"] == "invalid_grant"


def test_35_a_code_that_comes_again_ends_what_it_opened(house, program):
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    first = programs.exchange_code(house, program, proof, code).json()
    mine = bearer(first["access_token"])
    assert house.client.get("/v1/balances", headers=mine).status_code == 200
    again = programs.exchange_code(house, program, proof, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert house.client.get("/v1/balances", headers=mine).status_code == 401
    refreshed = programs.token(house, program, grant_type=REFRESH, refresh_token=first["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


def test_35_another_client_gets_nothing_for_a_code_or_a_refresh_token_and_its_owner_keeps_both(house, program):
    other = programs.register(house)
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    stolen = programs.exchange_code(house, other, proof, code)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    first = programs.exchange_code(house, program, proof, code)
    assert first.status_code == 200
    stolen = programs.token(house, other, grant_type=REFRESH, refresh_token=first.json()["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    as_a_person = house.client.post("/v1/sessions/refresh", json={"refresh_token": first.json()["refresh_token"]})
    assert (as_a_person.status_code, as_a_person.json()["code"]) == (401, "refresh_refused")
    mine = programs.token(house, program, grant_type=REFRESH, refresh_token=first.json()["refresh_token"])
    assert mine.status_code == 200


def test_35_no_refresh_and_no_question_widens_a_scope(house, program):
    narrow = programs.register(house, scopes=["read"])
    assert programs.consent(house, narrow, programs.pkce(), scope="read trade")["error"] == "invalid_scope"
    assert programs.consent(house, program, programs.pkce(), scope="read withdraw")["error"] == "invalid_scope"
    got = programs.connect(house, program, scope="read")
    wider = programs.token(house, program, grant_type=REFRESH, refresh_token=got["refresh_token"], scope="read trade")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    same = programs.token(house, program, grant_type=REFRESH, refresh_token=got["refresh_token"]).json()
    assert same["scope"] == "read"
    order = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.01"}
    refused = house.client.post("/v1/orders", json=order, headers=bearer(same["access_token"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_35_a_client_with_a_secret_proves_it_and_none_takes_anothers_name(house, program):
    proof = programs.pkce()
    code = programs.consent(house, program, proof)["code"]
    form = {"grant_type": CODE, "code": code, "redirect_uri": CALLBACK, "code_verifier": proof.verifier}
    client = program["client_id"]
    for secret in (None, "", "rmx_" + secrets.token_urlsafe(32)):
        fields = {**form, "client_id": client, **({} if secret is None else {"client_secret": secret})}
        refused = house.client.post("/oauth/token", data=fields)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), refused.text
    for header in ("Basic !!!", "Basic /////w==", "Basic " + "A" * 4000, "Basic Og=="):
        refused = house.client.post(
            "/oauth/token", data={**form, "client_id": client}, headers={"Authorization": header}
        )
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), refused.text
    right = house.client.post("/oauth/token", data=form, auth=(client, program["client_secret"]))
    assert right.status_code == 200, right.text


def test_35_nobody_guesses_the_code_of_a_device(house):
    terminal = programs.register(house, grants=[DEVICE], redirect_uris=[], confidential=False)
    begun = house.client.post("/oauth/device_authorization", data={"client_id": terminal["client_id"]}).json()
    wrong = programs.token(house, terminal, grant_type=DEVICE, device_code="rmd_" + secrets.token_urlsafe(32))
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    other = programs.register(house, grants=[DEVICE], redirect_uris=[], confidential=False)
    stolen = programs.token(house, other, grant_type=DEVICE, device_code=begun["device_code"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    answers = []
    for letters in itertools.islice(itertools.product("BCDF", repeat=8), 11):
        body = {"user_code": "".join(letters)}
        answers.append(house.client.post("/v1/oauth/devices", json=body, headers=house.auth("other")).json()["code"])
    assert answers == ["user_code_unknown"] * 10 + ["too_many_attempts"]
    right = {"user_code": begun["user_code"]}
    locked = house.client.post("/v1/oauth/devices", json=right, headers=house.auth("other"))
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
