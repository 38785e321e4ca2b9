"""A new master key reaches every sealed secret, beside a running product, and says what it could not open."""

from __future__ import annotations

import base64
import os

import pytest

from kernel import cache, crypto, db, resealing
from kernel.ids import uuid7
from kernel.resealing import Sealed
from kernel.settings import settings
from rivermouth import key_tools, registry
from tests.integration.identity.test_signed_requests import headers as signed
from tests.integration.identity.test_signed_requests import make
from tests.kyc_papers import Candidate

OLD = "test:" + "A" * 43 + "="
NEW = "new:" + base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def keys(house, monkeypatch):
    def use(*entries):
        monkeypatch.setenv("RIVERMOUTH_MASTER_KEYS", ",".join(entries))
        settings.cache_clear()

    yield use
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def as_operator(house, monkeypatch):
    """`rivermouth keys …` works as the engine; afterwards the API has its connections again."""
    monkeypatch.setenv("RIVERMOUTH_DATABASE_URL", house.database.engine)

    def run(what, **more):
        try:
            return what(**more)
        finally:
            db.configure(house.database.app, pool_size=10)

    return run


def ids_of_keys(house):
    with house.sql("superuser") as connection:
        return {
            place: {crypto.key_id_of(row[0]) for row in connection.execute(
                f"SELECT {place.column} FROM {place.table} WHERE {place.column} <> ''")}
            for place in registry.SEALED
        }  # fmt: skip


def fill(house):
    """A secret in every sealed column."""
    cache.client().flushall()
    headers = {"Authorization": f"Bearer {house.login('retail@first.example').json()['access_token']}"}
    wish = {"url": "https://hooks.example/one", "kinds": ["order.filled"]}
    answer = house.client.post("/v1/webhooks", json=wish, headers=headers | {"Idempotency-Key": str(uuid7())})
    assert answer.status_code == 201, answer.text
    key = make(house)
    Candidate(house, f"candidate-{uuid7()}@first.example").handed_in()
    room = {"name": "ops", "address": f"dingtalk://{'a' * 64}", "topics": ["exposure"]}
    treasury = {"Authorization": f"Bearer {house.login('treasury@first.example').json()['access_token']}"}
    answer = house.client.post("/v1/channels", json=room, headers=treasury | {"Idempotency-Key": str(uuid7())})
    assert answer.status_code == 201, answer.text
    tenant = house.first
    with house.sql("superuser") as connection:
        for who in ("retail", "support"):
            sealed = crypto.seal(b"JBSWY3DP", tenant=tenant, table="identity.second_factors", row=house.ids[who])
            connection.execute(
                "INSERT INTO identity.second_factors (tenant_id, principal_id, totp_offered) VALUES (%s, %s, %s)"
                " ON CONFLICT (principal_id) DO UPDATE SET totp_offered = EXCLUDED.totp_offered",
                [tenant, house.ids[who], sealed],
            )
        offered = crypto.seal(b"JBSWY3DP", tenant=tenant, table="identity.second_factors", row=house.ids["admin"])
        connection.execute(
            "INSERT INTO identity.second_factors (tenant_id, principal_id, totp_secret) VALUES (%s, %s, %s)"
            " ON CONFLICT (principal_id) DO UPDATE SET totp_secret = EXCLUDED.totp_secret",
            [tenant, house.ids["admin"], offered],
        )
    return key


def test_everything_is_sealed_anew_and_the_old_key_may_go(house, keys, as_operator, capsys):
    key = fill(house)
    gone = make(house)  # its secret is wiped when it is revoked
    assert house.client.delete(f"/v1/api-keys/{gone['id']}", headers=house.auth("retail")).status_code == 204
    assert set.union(*ids_of_keys(house).values()) == {"test"}
    keys(NEW, OLD)
    assert as_operator(key_tools.show)
    assert "(seals)" in capsys.readouterr().out
    assert as_operator(key_tools.rotate, fresh=False)
    assert all(found == {"new"} for found in ids_of_keys(house).values())
    keys(NEW)
    assert house.client.get("/v1/balances", headers=signed(key, "GET", "/v1/balances")).status_code == 200
    with house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT principal_id, totp_offered FROM identity.second_factors WHERE totp_offered IS NOT NULL"
        )
        for who, sealed in rows.fetchall():
            assert crypto.unseal(sealed, tenant=house.first, table="identity.second_factors", row=who) == b"JBSWY3DP"
        entry = connection.execute(
            "SELECT details FROM identity.audit_entries WHERE action = 'master_keys.rotated' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert entry[0]["to"] == "new" and entry[0]["secrets"] >= 5


def test_a_second_run_finds_nothing_left_and_a_new_value_is_not_overwritten(house, keys, as_operator, monkeypatch):
    keys(OLD)
    with house.sql("superuser") as connection:
        connection.execute("DELETE FROM identity.api_keys")
    fill(house)
    keys(NEW, OLD)
    place = registry.SEALED[0]
    original = crypto.rewrapped

    def meanwhile(sealed, *, tenant, table, row):
        """Somebody writes the row between the look and the update."""
        with house.sql("superuser") as connection:
            fresh = crypto.seal(b"newer", tenant=tenant, table=table, row=row)
            connection.execute("UPDATE identity.api_keys SET sealed_secret = %s WHERE id = %s", [fresh, row])
        return original(sealed, tenant=tenant, table=table, row=row)

    def both():
        db.configure(house.database.engine, pool_size=2)
        with monkeypatch.context() as patch:
            patch.setattr(crypto, "rewrapped", meanwhile)
            first = list(resealing.reseal(place))[-1]
        return first, list(resealing.reseal(place))[-1]

    first, second = as_operator(both)
    assert first.done == 0 and second.done == 0 and not second.unreadable
    with house.sql("superuser") as connection:
        for row, tenant, sealed in connection.execute(
            "SELECT id, tenant_id, sealed_secret FROM identity.api_keys"
        ).fetchall():
            assert crypto.unseal(sealed, tenant=tenant, table="identity.api_keys", row=row) == b"newer"


def test_small_steps_pass_what_does_not_open_and_name_it(house, keys, as_operator, monkeypatch, capsys):
    keys(OLD)
    for _ in range(5):
        fill(house)
    with house.sql("superuser") as connection:
        (broken,) = connection.execute("SELECT id FROM identity.api_keys ORDER BY id DESC LIMIT 1").fetchone()
        connection.execute(
            "UPDATE identity.api_keys SET sealed_secret = overlay(sealed_secret PLACING '\\x0000000000000000'::bytea FROM 20 FOR 8) WHERE id = %s",
            [broken],
        )
    keys(NEW, OLD)
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    assert not as_operator(key_tools.rotate, fresh=False)
    assert f"UNREADABLE  identity.api_keys.sealed_secret of {broken}" in capsys.readouterr().out
    with house.sql("superuser") as connection:
        rows = connection.execute("SELECT id, sealed_secret FROM identity.api_keys").fetchall()
    assert {row for row, sealed in rows if crypto.key_id_of(sealed) != "new"} == {broken}
    keys(NEW)
    assert not as_operator(key_tools.show)
    assert "MISSING" in capsys.readouterr().out


def test_the_secret_itself_is_not_touched(keys):
    keys(OLD)
    tenant, row = uuid7(), uuid7()
    sealed = crypto.seal(b"x" * 1_000_000, tenant=tenant, table="t", row=row)
    keys(NEW, OLD)
    head, fresh = crypto.rewrapped(sealed[: crypto.LONGEST_HEAD], tenant=tenant, table="t", row=row)
    moved = fresh + sealed[len(head) :]
    keys(NEW)
    assert crypto.unseal(moved, tenant=tenant, table="t", row=row) == b"x" * 1_000_000
    with pytest.raises(crypto.SecretUnreadable):
        crypto.rewrapped(sealed, tenant=tenant, table="t", row=row)
    with pytest.raises(crypto.SecretUnreadable):
        crypto.rewrapped(moved, tenant=tenant, table="t", row=uuid7())


def test_a_sandbox_puts_a_fresh_key_in_front_of_its_own(tmp_path):
    path = tmp_path / crypto.FILE
    first = crypto.own_list(path)
    name = crypto.put_in_front(path)
    assert list(crypto.read_keys(crypto.own_list(path))) == [name, first.partition(":")[0]]
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == [crypto.FILE]


def test_every_column_of_sealed_secrets_is_listed_and_the_engine_may_write_it(house):
    """Each is named sealed…, and the two of second factors by hand: a column that is missing in SEALED would keep its old key."""
    with house.sql("superuser") as connection:
        named = connection.execute(
            """SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns
                WHERE data_type = 'bytea' AND column_name LIKE 'sealed%'"""
        ).fetchall()
        listed = {(place.table, place.column) for place in registry.SEALED}
        assert {
            *named,
            ("identity.second_factors", "totp_secret"),
            ("identity.second_factors", "totp_offered"),
        } <= listed
        for table, column in sorted(listed):
            (may,) = connection.execute(
                "SELECT has_column_privilege('rivermouth_engine', %s, %s, 'UPDATE')", [table, column]
            ).fetchone()
            assert may, (table, column)


def test_a_table_that_is_protected_later_may_be_sealed_anew(house):
    with house.sql("owner") as connection:
        connection.execute("CREATE TABLE kernel.later (tenant_id uuid, id uuid, sealed_word bytea, word bytea)")
        connection.execute("CALL kernel.protect('kernel.later', app => '', engine => '')")
        rights = [
            connection.execute(
                "SELECT has_column_privilege('rivermouth_engine', 'kernel.later', %s, 'UPDATE')", [c]
            ).fetchone()[0]
            for c in ("sealed_word", "word")
        ]
        connection.rollback()
    assert rights == [True, False]


def test_a_place_that_does_not_exist_is_a_mistake_and_no_silence(house, as_operator):
    def look():
        db.configure(house.database.engine, pool_size=1)
        return resealing.uses(Sealed("identity.api_keys", "no_such_column"))

    with pytest.raises(Exception, match="no_such_column"):
        as_operator(look)
