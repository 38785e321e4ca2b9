"""API keys over real Postgres: shown once, sealed at rest, and worthless at the moment they are revoked."""

import base64
import hashlib
import hmac
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from identity.api_keys import service
from identity.api_keys.errors import ApiKeyRefused, RequestTooOld, SignatureInvalid
from identity.api_keys.states import Scope
from kernel import clock, crypto
from kernel.ids import uuid7

_names = itertools.count()


def make(house, who="retail", **fields):
    body = {"name": f"bot {next(_names)}", "scopes": ["read", "trade"], **fields}
    answer = house.client.post("/v1/api-keys", json=body, headers=house.auth(who))
    assert answer.status_code == 201, answer.text
    return answer.json()


def now_ms():
    return int(clock.wall().timestamp() * 1000)


def signed(made, *, address="127.0.0.1", scope=Scope.READ, at=None, window=5000, payload=None, signature=None):
    at = now_ms() if at is None else at
    payload = payload or f"timestamp={at}".encode()
    signature = signature or hmac.new(made["secret"].encode(), payload, hashlib.sha256).hexdigest()
    return service.authenticate_signed(
        key=made["key"],
        payload=payload,
        signature=signature,
        timestamp_ms=at,
        recv_window_ms=window,
        address=address,
        scope=scope,
    )


def test_a_key_is_shown_once_and_its_secret_lies_sealed(house):
    made = make(house)
    assert made["algorithm"] == "hmac_sha256"
    assert made["last_used_at"] is None
    listed = house.client.get("/v1/api-keys", headers=house.auth("retail")).json()["items"]
    (mine,) = [row for row in listed if row["id"] == made["id"]]
    assert "secret" not in mine
    with house.sql("superuser") as connection:
        rows = connection.execute("SELECT k::text, sealed_secret FROM identity.api_keys k").fetchall()
    assert all(made["secret"] not in text and made["secret"].encode() not in bytes(sealed) for text, sealed in rows)


def test_a_signature_names_its_owner_and_notes_the_use(house):
    made = make(house)
    caller = signed(made, scope=Scope.TRADE)
    assert (caller.tenant_id, caller.principal_id) == (house.first, house.ids["retail"])
    listed = house.client.get("/v1/api-keys", headers=house.auth("retail")).json()["items"]
    assert next(row for row in listed if row["id"] == made["id"])["last_used_at"] is not None


def test_ed25519_needs_no_secret_of_ours(house):
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    made = make(house, public_key=public)
    assert made["secret"] is None
    payload = f"timestamp={now_ms()}".encode()
    assert signed(made, payload=payload, signature=base64.b64encode(private.sign(payload)).decode())
    with pytest.raises(SignatureInvalid):
        signed(made, payload=payload + b"&x=1", signature=base64.b64encode(private.sign(payload)).decode())
    for nonsense in ("", "ä", "not base64!", "QUJD"):
        with pytest.raises(SignatureInvalid):
            signed(made, payload=payload, signature=nonsense or "-")


@pytest.mark.parametrize(
    "public_key", ["", "ABCD", "ä" * 32, "-----BEGIN PUBLIC KEY-----\nABCD\n-----END PUBLIC KEY-----"]
)
def test_what_is_no_ed25519_key_is_refused(house, public_key):
    body = {"name": "x", "scopes": ["read"], "public_key": public_key}
    answer = house.client.post("/v1/api-keys", json=body, headers=house.auth("retail"))
    assert (answer.status_code, answer.json()["code"]) == (400, "public_key_invalid")


def test_signatures_of_others_old_ones_and_changed_requests_are_refused(house):
    made, other = make(house), make(house)
    with pytest.raises(SignatureInvalid):
        signed({"key": made["key"], "secret": other["secret"]})
    for nonsense in ("0" * 64, "ä", "x"):
        with pytest.raises(SignatureInvalid):
            signed(made, signature=nonsense)
    with pytest.raises(RequestTooOld):
        signed(made, at=now_ms() - 6_000)
    with pytest.raises(RequestTooOld):
        signed(made, at=now_ms() + 60_000)
    with pytest.raises(RequestTooOld):
        signed(made, window=60_001)
    assert signed(made, at=now_ms() - 6_000, window=60_000)


def test_scopes_and_addresses_are_kept(house):
    reader = make(house, scopes=["read"])
    assert signed(reader)
    with pytest.raises(ApiKeyRefused):
        signed(reader, scope=Scope.TRADE)
    fenced = make(house, ip_allow=["10.1.0.0/16", "2001:db8::1"])
    assert fenced["ip_allow"] == ["10.1.0.0/16", "2001:db8::1/128"]
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"):
        assert signed(fenced, address=address)
    for address in ("10.2.0.1", "2001:db8::2", "", "nowhere"):
        with pytest.raises(ApiKeyRefused):
            signed(fenced, address=address)
    for wrong in ("10.0.0.1/8", "fe80::1%eth0", "fe80::%1/64", "nowhere"):
        bad = {"name": "x", "scopes": ["read"], "ip_allow": [wrong]}
        answer = house.client.post("/v1/api-keys", json=bad, headers=house.auth("retail"))
        assert (answer.status_code, answer.json()["code"]) == (400, "ip_range_invalid"), wrong


def test_a_revoked_key_is_worthless_at_once_and_not_found_again(house):
    made = make(house)
    assert signed(made)
    gone = house.client.delete(f"/v1/api-keys/{made['id']}", headers=house.auth("retail"))
    assert gone.status_code == 204
    with pytest.raises(ApiKeyRefused):
        signed(made)
    with pytest.raises(ApiKeyRefused):
        service.authenticate_key(key=made["key"], address="127.0.0.1", scope=Scope.READ)
    again = house.client.delete(f"/v1/api-keys/{made['id']}", headers=house.auth("retail"))
    assert again.status_code == 404


def test_foreign_keys_are_not_there(house):
    made = make(house)
    for who in ("other",):
        answer = house.client.delete(f"/v1/api-keys/{made['id']}", headers=house.auth(who))
        assert answer.status_code == 404
        assert house.client.get("/v1/api-keys", headers=house.auth(who)).json()["items"] == []
    assert signed(made)


@pytest.mark.parametrize("key", ["", "rmk_", "rmk_" + "A" * 43, "rmk_" + "ä" * 43, "x" * 64])
def test_a_key_that_is_none_is_refused(house, key):
    with pytest.raises(ApiKeyRefused):
        service.authenticate_key(key=key, address="127.0.0.1", scope=Scope.READ)


def test_a_repeat_tells_that_the_secret_is_gone_and_repeats_a_key_without_one(house):
    body, headers = {"name": "once", "scopes": ["read"]}, house.auth("retail") | {"Idempotency-Key": "api-key-1"}
    assert house.client.post("/v1/api-keys", json=body, headers=headers).status_code == 201
    again = house.client.post("/v1/api-keys", json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "secret_not_repeatable")
    conflict = house.client.post("/v1/api-keys", json={**body, "name": "other"}, headers=headers)
    assert conflict.json()["code"] == "idempotency_conflict"
    public = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    headers["Idempotency-Key"] = "api-key-2"
    first = house.client.post("/v1/api-keys", json={**body, "public_key": public}, headers=headers)
    repeat = house.client.post("/v1/api-keys", json={**body, "public_key": public}, headers=headers)
    assert (first.status_code, repeat.status_code) == (201, 200)
    assert first.json()["id"] == repeat.json()["id"]


def test_a_customer_has_a_bounded_number_of_keys(house, monkeypatch):
    monkeypatch.setattr(service, "MOST_KEYS", 2)
    for _ in range(2):
        make(house, who="other")
    answer = house.client.post("/v1/api-keys", json={"name": "x", "scopes": ["read"]}, headers=house.auth("other"))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_api_keys")


def test_a_sealed_secret_opens_in_its_own_place_only(house):
    tenant, row = uuid7(), uuid7()
    sealed = crypto.seal(b"secret", tenant=tenant, table="t", row=row)
    assert crypto.unseal(sealed, tenant=tenant, table="t", row=row) == b"secret"
    assert crypto.seal(b"secret", tenant=tenant, table="t", row=row) != sealed
    for place in ((uuid7(), "t", row), (tenant, "u", row), (tenant, "t", uuid7())):
        with pytest.raises(crypto.SecretUnreadable):
            crypto.unseal(sealed, tenant=place[0], table=place[1], row=place[2])
    for at in range(len(sealed)):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(crypto.SecretUnreadable):
            crypto.unseal(broken, tenant=tenant, table="t", row=row)
    for cut in range(len(sealed)):
        with pytest.raises(crypto.SecretUnreadable):
            crypto.unseal(sealed[:cut], tenant=tenant, table="t", row=row)
