"""The gates of tenancy: which tables are protected, what each role sees, what the look-ups give away."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg import errors

from kernel import db
from kernel.roles import conninfo
from kernel.settings import Mode
from rivermouth.http import create_app

WITHOUT_TENANT = {
    "broker.marks",
    "identity.audit_checkpoints",
    "identity.audit_state",
    "identity.tenants",
    "kernel.clock",
    "kernel.clock_advances",
    "kernel.cursors",
    "kernel.leases",
    "kernel.schedules",
    "markets.backfills",
    "markets.candles",
    "markets.guards",
    "markets.instruments",
    "markets.trades",
    "payments.archives",
    "payments.assets",
    "payments.days",
    "payments.fold_state",
    "payments.seal_leaves",
    "payments.seals",
    "public.alembic_version",
    "venues.pauses",
    "wallet_bridge.cursors",
    "wallet_bridge.stuck_events",
}


def tables(house, where):
    with house.sql("superuser") as connection:
        return {
            row[0]
            for row in connection.execute(
                f"""SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                      AND {where}"""
            )
        }


HAS_TENANT = (
    "EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)"
)


def test_every_table_with_a_tenant_forces_row_level_security(house):
    assert tables(house, f"{HAS_TENANT} AND NOT (c.relrowsecurity AND c.relforcerowsecurity)") == set()
    assert len(tables(house, HAS_TENANT)) >= 7


def test_the_tables_without_a_tenant_are_exactly_the_listed_ones(house):
    assert tables(house, f"NOT {HAS_TENANT} AND NOT c.relispartition") <= WITHOUT_TENANT


def test_every_protected_table_has_the_tenant_policy_in_both_directions(house):
    with house.sql("superuser") as connection:
        good = {
            row[0]
            for row in connection.execute(
                """SELECT schemaname || '.' || tablename FROM pg_policies WHERE policyname = 'tenant' AND cmd = 'ALL'
                   AND qual LIKE '%app.tenant%' AND with_check LIKE '%app.tenant%'"""
            )
        }
    assert tables(house, f"{HAS_TENANT} AND NOT c.relispartition") - good == set()


def test_a_partition_is_reached_through_its_table_only(house):
    """A partition has row-level security and no policy: who names it sees nothing."""
    partitions = tables(house, f"{HAS_TENANT} AND c.relispartition")
    assert {name.split("_")[0] for name in partitions} == {"payments.journals", "payments.entries", "payments.journal"}
    with house.sql("superuser") as connection:
        named = connection.execute("SELECT schemaname || '.' || tablename FROM pg_policies").fetchall()
    assert partitions & {row[0] for row in named} == set()


def test_no_role_of_the_product_is_a_superuser_or_owns_a_table(house):
    with house.sql("superuser") as connection:
        strong = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'rivermouth%' AND (rolsuper OR rolbypassrls)"
        ).fetchall()
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) IN ('rivermouth_app', 'rivermouth_engine')"
        ).fetchall()
    assert strong == []
    assert owned == []


def test_with_no_tenant_set_the_application_role_sees_no_row_anywhere(house):
    protected = tables(house, HAS_TENANT)
    seen = 0
    for table in sorted(protected):
        with house.sql("superuser") as connection:
            seen += connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        with house.sql("app") as connection:
            try:
                (visible,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            except errors.InsufficientPrivilege:
                continue
        assert visible == 0, table
    assert seen > 0, "an empty database would pass"


def test_a_tenant_sees_its_own_rows_only(house):
    for tenant, count in ((house.first, 8), (house.second, 1)):
        with house.sql("app", tenant) as connection:
            rows = connection.execute("SELECT tenant_id FROM identity.principals").fetchall()
        assert len(rows) == count
        assert {row[0] for row in rows} == {tenant}


def test_a_row_for_another_tenant_cannot_be_written(house):
    with house.sql("app", house.first) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(
            "INSERT INTO identity.principals (tenant_id, id, kind, email, roles)"
            " VALUES (%s, gen_random_uuid(), 'customer', 'x@second.example', '{retail}')",
            [house.second],
        )
    with house.sql("app", house.first) as connection:
        moved = connection.execute(
            "UPDATE identity.principals SET name = 'mine now' WHERE tenant_id = %s", [house.second]
        )
        assert moved.rowcount == 0


def test_the_tenant_is_gone_with_the_transaction_that_set_it(house):
    with db.transaction(tenant=house.first) as tx:
        assert tx.scalar("SELECT count(*) FROM identity.principals") == 8
    for _ in range(25):  # more than the pool has connections
        with db.transaction() as tx:
            assert tx.scalar("SELECT count(*) FROM identity.principals") == 0


def test_the_lookups_answer_tenant_and_principal_and_nothing_else(house):
    with house.sql("app") as connection:
        cursor = connection.execute("SELECT * FROM identity.principal_by_email('retail@second.example')")
        assert [column.name for column in cursor.description] == ["tenant_id", "principal_id"]
        assert cursor.fetchall() == [(house.second, house.ids["other"])]
        assert connection.execute("SELECT * FROM identity.principal_by_email('nobody@x')").fetchall() == []


def test_the_lookup_functions_are_fenced(house):
    with house.sql("superuser") as connection:
        rows = connection.execute(
            """SELECT p.proname, pg_get_userbyid(p.proowner), p.prosecdef, p.proconfig, r.rolcanlogin,
                      has_function_privilege('public', p.oid, 'EXECUTE')
               FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
               WHERE p.pronamespace = 'identity'::regnamespace AND p.prosecdef"""
        ).fetchall()
    asked = {f"principal_by_{what}" for what in ("api_key", "email", "passkey", "token")}
    asked |= {"oauth_client_by_key", "subject_by_mail_link", "tenant_by_host", "origins"}
    assert {row[0] for row in rows} == asked
    for row in rows:
        assert row[1:] == ("rivermouth_lookup", True, ["search_path=pg_catalog, pg_temp"], False, False)
    with house.sql("superuser") as connection:
        columns = connection.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.column_privileges"
            " WHERE grantee = 'rivermouth_lookup' AND table_schema = 'identity'"
        ).fetchall()
    assert not any("password" in row[0] for row in columns)


def test_the_application_may_not_create_tenants_and_the_engine_may_not_read_password_hashes(house):
    with house.sql("app") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("INSERT INTO identity.tenants (id, name) VALUES (gen_random_uuid(), 'mine')")
    with house.sql("engine") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT password_hash FROM identity.credentials")


def test_an_email_is_unique_in_the_whole_deployment_in_any_letter_case(house):
    from identity.principals.errors import EmailTaken
    from identity.principals.service import register_customer

    hashed = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"
    with pytest.raises(EmailTaken), db.transaction(tenant=house.second) as tx:
        register_customer(tx, email="RETAIL@first.example", password_hash=hashed)


def test_a_superuser_is_refused_at_start(house):
    async def start(app):
        async with app.router.lifespan_context(app):
            pass

    try:
        for mode in Mode:
            app = create_app(house.settings(database_url=house.database.superuser, mode=mode))
            with pytest.raises(db.SuperuserRefused):
                asyncio.run(start(app))
    finally:
        db.configure(house.database.app)


def test_no_connection_of_the_pool_carries_a_session_level_tenant(house):
    with psycopg.connect(conninfo(house.database.app)) as connection:
        assert connection.execute("SELECT nullif(current_setting('app.tenant', true), '')").fetchone() == (None,)
