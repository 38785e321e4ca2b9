"""The chain of the audit: whatever a superuser does to it is found, and the first broken entry is named."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from identity.audit import chain, rules, service, verifying
from kernel import db, log, roles, signing
from kernel.ids import uuid7
from kernel.settings import Mode, Settings, settings
from kernel.signing import Signer
from payments.reconciliation import service as reconciliation
from rivermouth import audit_tools, checks
from tests.audit_trail import KEY_SETTING, KEYS, SEED, SIGNER

# building


def test_entries_get_their_place_in_the_order_in_which_they_were_committed(trail):
    trail.write(3)
    trail.write(tenant=uuid7())
    assert trail.extend() == 4
    assert trail.extend() == 0
    assert [row.seq for row in trail.rows()] == [3, 2, 1]
    trail.write()
    assert trail.extend() == 1
    assert trail.rows()[0].seq == 5
    assert trail.sign() == 1
    assert trail.sign() is None  # nothing new to sign
    assert trail.verify() == []


def test_a_writer_that_commits_late_is_not_lost_and_holds_nobody_else_back_for_good(trail):
    with psycopg.connect(roles.conninfo(trail.database.app)) as late:
        late.execute("SELECT set_config('app.tenant', %s, true)", (str(trail.tenant),))
        late.execute(
            "INSERT INTO identity.audit_entries (tenant_id, id, actor, roles, via, action, resource_kind, resource_id)"
            " VALUES (%s, %s, %s, '{}', 'process', 'test.late', 'thing', 'x')",
            (trail.tenant, uuid7(), uuid7()),
        )
        trail.write(2)
        assert trail.extend() == 0  # they were begun after one that has not ended
        late.commit()
    assert trail.extend() == 3
    assert [row.seq for row in trail.rows() if row.action == "test.late"] == [1]
    trail.sign()
    assert trail.verify() == []


def test_many_writers_and_two_owners_of_the_chain_make_one_chain(trail):
    stop = threading.Event()

    def own():
        done = 0
        while not stop.is_set():
            done += chain.extend(limit=7)
        return done

    with ThreadPoolExecutor(10) as pool, trail.as_engine():
        owners = [pool.submit(own) for _ in range(2)]
        app = trail._app

        def write():
            connection = app.connect()
            try:
                for _ in range(25):
                    with connection.begin():
                        connection.exec_driver_sql("SELECT set_config('app.tenant', %s, true)", (str(trail.tenant),))
                        service.record(db.Tx(connection, trail.tenant), "test.done", kind="thing", resource="t")
            finally:
                connection.close()

        for writer in [pool.submit(write) for _ in range(8)]:
            writer.result()
        stop.set()
        done = sum(owner.result() for owner in owners)
        while more := chain.extend():
            done += more
    assert done == 200
    trail.sign()
    assert trail.verify() == []
    with trail.superuser() as superuser:
        assert superuser.execute("SELECT count(*), max(seq) FROM identity.audit_links").fetchone() == (200, 200)


def test_an_entry_goes_with_the_change_it_is_about(trail):
    with pytest.raises(ZeroDivisionError), db.transaction(tenant=trail.tenant) as tx:
        service.record(tx, "test.lost", kind="thing", resource="t")
        _ = 1 / 0
    trail.write()
    trail.extend()
    assert [row.action for row in trail.rows()] == ["test.done"]


def test_a_foreign_tenants_entries_and_links_are_invisible(trail):
    other = uuid7()
    trail.write(2, tenant=other)
    trail.write()
    trail.extend()
    assert len(trail.rows()) == 1
    assert len(trail.rows(other)) == 2
    with db.transaction(tenant=trail.tenant) as tx:
        assert tx.scalar("SELECT count(*) FROM identity.audit_links") == 1
    with pytest.raises(Exception, match="row-level security"), db.transaction(tenant=trail.tenant) as tx:
        tx.tenant = other
        service.record(tx, "test.forged", kind="thing", resource="t")


def test_a_dump_in_another_cluster_goes_on_with_the_chain(ten):
    """There transactions are counted by another clock: entries carry numbers that are still to come, and others that have long been."""
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_state SET system_identifier = 1, horizon = '999999999'")
        for number in ("5", "888888888888"):  # written before the dump, and not chained there yet
            superuser.execute(
                "INSERT INTO identity.audit_entries (tenant_id, id, xid, actor, roles, via, action, resource_kind, resource_id)"
                " VALUES (%s, %s, %s, %s, '{}', 'process', 'test.done', 'thing', 'x')",
                (ten.tenant, uuid7(), number, uuid7()),
            )
    ten.write()
    assert ten.extend() == 3
    assert ten.extend() == 0
    ten.write()
    assert ten.extend() == 1
    ten.sign()
    assert ten.verify() == []


# tampering


@pytest.mark.parametrize(
    "column",
    ["at = at + interval '1 microsecond'", "recorded_at = now()", "actor = gen_random_uuid()", "roles = '{admin}'", "via = 'request'",
     "credential = gen_random_uuid()", "address = '10.0.0.1'", "request_id = 'r'", "action = 'test.other'", "resource_kind = 'k'",
     "resource_id = 'z'", "asked = sha256('x')", "before = sha256('x')", "after = NULL", "details = '{\"a\": 1}'", "xid = '7'",
     "tenant_id = gen_random_uuid()"],
)  # fmt: skip
def test_no_column_of_an_entry_can_be_changed_unseen(ten, column):
    with ten.superuser() as superuser:
        superuser.execute(f"UPDATE identity.audit_entries SET {column} WHERE id = %s", (ten.entry(2),))
    assert ten.verify()[0] in {("entry_changed", 2), ("entry_missing", 2)}


def test_a_deleted_entry_whose_link_went_with_it_is_named(ten):
    with ten.superuser() as superuser:
        superuser.execute("DELETE FROM identity.audit_entries WHERE id = %s", (ten.entry(7),))
        superuser.execute("DELETE FROM identity.audit_links WHERE seq = 7")
    assert ten.verify()[0] == ("link_missing", 7)
    with ten.superuser() as superuser:  # closing the gap does not help
        superuser.execute("UPDATE identity.audit_links SET seq = seq - 1 WHERE seq > 7")
    assert ten.verify()[0] == ("chain_broken", 7)


def test_an_entry_put_in_between_is_named(ten):
    forged = uuid7()
    with ten.superuser() as superuser:
        superuser.execute(
            "INSERT INTO identity.audit_entries (tenant_id, id, xid, actor, roles, via, action, resource_kind, resource_id)"
            " SELECT tenant_id, %s, xid, actor, roles, via, 'test.forged', resource_kind, resource_id"
            " FROM identity.audit_entries WHERE id = %s",
            (forged, ten.entry(3)),
        )
    assert [(b.fault, b.entry_id) for b in ten.broken()] == [("entry_unlinked", forged)]


def test_two_entries_that_changed_places_are_named(ten):
    first, second = ten.entry(5), ten.entry(6)
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_links SET seq = 1005 - seq + 6 WHERE seq IN (5, 6)")
        superuser.execute("UPDATE identity.audit_links SET seq = seq - 1000 WHERE seq > 1000")
    assert (ten.entry(5), ten.entry(6)) == (second, first)
    assert ten.verify()[0] == ("chain_broken", 5)


def _make_anew(superuser, first):
    """All links from `first` on, so that the chain is whole again."""
    before = superuser.execute("SELECT hash FROM identity.audit_links WHERE seq = %s", (first - 1,)).fetchone()
    hash_ = bytes(before[0]) if before else rules.START
    rows = superuser.execute(
        "SELECT l.seq, identity.audit_leaf(e) FROM identity.audit_links l JOIN identity.audit_entries e ON e.id = l.entry_id"
        " WHERE l.seq >= %s ORDER BY 1",
        (first,),
    ).fetchall()
    for seq, leaf in rows:
        hash_ = rules.link(hash_, seq=seq, leaf=bytes(leaf))
        superuser.execute("UPDATE identity.audit_links SET leaf = %s, hash = %s WHERE seq = %s", (leaf, hash_, seq))
    return hash_


def test_a_chain_made_anew_does_not_have_our_signature(ten):
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_entries SET actor = gen_random_uuid() WHERE id = %s", (ten.entry(8),))
        hash_ = _make_anew(superuser, 8)
        assert ten.verify() == [("checkpoint_differs", 10)]
        superuser.execute("UPDATE identity.audit_checkpoints SET hash = %s WHERE seq = 10", (hash_,))
        assert ten.verify() == [("signature_wrong", 10)]
        other = Ed25519PrivateKey.generate()
        number, made_at = superuser.execute(
            "SELECT checkpoint_no, made_at FROM identity.audit_checkpoints WHERE seq = 10"
        ).fetchone()
        said = rules.statement(checkpoint_no=number, seq=10, hash_=hash_, made_at=made_at.astimezone(UTC))
        superuser.execute("UPDATE identity.audit_checkpoints SET signature = %s WHERE seq = 10", (other.sign(said),))
        assert ten.verify() == [("signature_wrong", 10)]
        superuser.execute("UPDATE identity.audit_checkpoints SET key_id = 'mine' WHERE seq = 10")
        assert ten.verify() == [("key_unknown", 10)]
        superuser.execute("DELETE FROM identity.audit_checkpoints WHERE seq = 6")
    assert ("checkpoint_missing", None) in ten.verify()


def test_a_chain_without_its_end_is_found_by_its_checkpoints_and_by_the_published_head(ten, tmp_path):
    with ten.as_engine():
        head = chain.publish_head(tmp_path)
        assert chain.publish_head(tmp_path) == head
        assert chain.published(tmp_path) == [head]
    assert ten.verify(heads=[head]) == []
    with ten.superuser() as superuser:
        gone = [ten.entry(seq) for seq in (7, 8, 9, 10)]
        superuser.execute("DELETE FROM identity.audit_entries WHERE id = ANY(%s)", (gone,))
        superuser.execute("DELETE FROM identity.audit_links WHERE seq > 6")
        assert ten.verify()[0] == ("link_missing", 7)
        superuser.execute("DELETE FROM identity.audit_checkpoints WHERE seq > 6")
        superuser.execute("UPDATE identity.audit_state SET horizon = '0'")
    assert ten.verify() == []  # everything that could tell is gone from the database
    assert ten.verify(heads=[head]) == [("differs_from_published_head", 10)]


def test_without_a_key_the_chain_goes_on_and_says_that_nobody_signs_it(trail, monkeypatch):
    monkeypatch.setattr(chain, "_log", log.get("audit"))
    trail.write()
    trail.extend()
    monkeypatch.setattr(chain, "settings", lambda: Settings(mode=Mode.PRODUCTION))
    keeper = chain.Keeper()
    with capture_logs() as logs, trail.as_engine():
        keeper.work()
        keeper.work()  # it does not say so every second
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("audit_unsigned", "error")]
    assert trail.verify() == []  # the engine has its minute
    monkeypatch.setattr(verifying, "SIGNED_WITHIN", timedelta(0))
    assert trail.verify() == [("unsigned", 1)]
    trail.sign()
    trail.write()
    trail.extend()
    assert trail.verify() == [("unsigned", 2)]


@pytest.mark.parametrize("given", ["k1:not base64", "folder"])
def test_a_key_that_cannot_be_read_stops_the_signing_and_nothing_else(trail, monkeypatch, tmp_path, given):
    monkeypatch.setattr(chain, "_log", log.get("audit"))
    (tmp_path / "audit.keys").mkdir()
    broken = Settings(mode=Mode.SANDBOX, data_dir=tmp_path, audit_keys=None if given == "folder" else given)
    monkeypatch.setattr(chain, "settings", lambda: broken)
    monkeypatch.setattr(checks, "settings", lambda: broken)
    trail.write()
    with capture_logs() as logs, trail.as_engine():
        chain.Keeper().work()
        checks.check_audit(datetime.now(UTC))
    assert [entry["event"] for entry in logs][:1] == ["audit_unsigned"]
    assert trail.rows()[0].seq == 1


def test_an_old_key_is_believed_as_long_as_it_stands_in_the_list(ten):
    ten.write()
    ten.extend()
    with ten.as_engine():
        assert chain.checkpoint(Signer("k2", bytes(32))) is not None
    assert ten.verify() == [("key_unknown", 11)]
    assert ten.verify({**KEYS, "k2": signing._public(bytes(32))}) == []
    assert signing.read_public_keys(signing.shown(KEYS)) == KEYS


def test_the_head_is_signed_once_a_minute(ten):
    ten.write()
    ten.extend()
    with ten.as_engine():
        assert chain.checkpoint(SIGNER, every=timedelta(minutes=1)) is None
        assert chain.checkpoint(SIGNER) is not None


def test_a_chain_made_anew_under_a_running_engine_is_not_signed(ten, monkeypatch):
    monkeypatch.setattr(chain, "_log", log.get("audit"))
    monkeypatch.setattr(chain, "SIGNED_EVERY", timedelta(0))
    monkeypatch.setattr(signing, "signer", lambda _settings: SIGNER)
    keeper = chain.Keeper()

    def work():
        with capture_logs() as logs, ten.as_engine():
            keeper.work()
        return [entry["event"] for entry in logs]

    assert work() == []
    ten.write()
    assert work() == ["audit_checkpoint"]
    with ten.superuser() as superuser:
        superuser.execute("DELETE FROM identity.audit_checkpoints WHERE seq > 6")
        superuser.execute("UPDATE identity.audit_entries SET actor = gen_random_uuid() WHERE id = %s", (ten.entry(8),))
        _make_anew(superuser, 8)
    ten.write()
    assert work() == ["audit_broken"]
    assert work() == ["audit_broken"]


# checking


def test_the_check_goes_on_from_where_it_ended_and_begins_anew(ten, monkeypatch):
    def step():
        with ten.as_engine():
            done = verifying.check_some(KEYS, limit=4)
        return [b.seq for b in done.found], done.ended, done.faults

    assert [step() for _ in range(4)] == [([], False, 0), ([], False, 0), ([], True, 0), ([], False, 0)]
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_entries SET via = 'request' WHERE id = %s", (ten.entry(6),))
    assert [step() for _ in range(3)] == [([6], False, 1), ([], True, 1), ([], False, 0)]


def test_a_fault_opens_an_incident_that_a_clean_round_closes(ten, monkeypatch):
    monkeypatch.setattr(signing, "public_keys", lambda *_: KEYS)

    def open_incidents():
        with ten.as_engine():
            checks.check_audit(datetime.now(UTC))
        rows = reconciliation.list_incidents(settings().house_tenant)
        return [row.name for row in rows if row.state == "open"]

    assert open_incidents() == []
    victim = ten.entry(6)
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_entries SET via = 'request' WHERE id = %s", (victim,))
        assert open_incidents() == ["audit_chain"]
        superuser.execute("UPDATE identity.audit_entries SET via = 'process' WHERE id = %s", (victim,))
    assert open_incidents() == []


def test_the_command_names_the_first_broken_entry(ten, tmp_path):
    def run(*arguments):
        environment = os.environ | {
            "RIVERMOUTH_DATABASE_URL": ten.database.engine,
            "RIVERMOUTH_REDIS_URL": "redis://127.0.0.1:1",
            "RIVERMOUTH_AUDIT_KEYS": KEY_SETTING,
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }
        return subprocess.run(
            [sys.executable, "-m", "rivermouth", "audit", *arguments, "--data", str(tmp_path)],
            check=False, capture_output=True, text=True, env=environment,
        )  # fmt: skip

    shown = run("keys")
    assert (shown.returncode, shown.stdout.strip()) == (0, signing.shown(KEYS))
    whole = run("verify")
    assert (whole.returncode, whole.stdout.splitlines()[-1]) == (0, "intact"), whole.stderr
    victim = ten.entry(4)
    with ten.superuser() as superuser:
        superuser.execute("UPDATE identity.audit_entries SET actor = gen_random_uuid() WHERE id = %s", (victim,))
        superuser.execute("DELETE FROM identity.audit_entries WHERE id = %s", (ten.entry(9),))
    broken = run("verify", "--public-keys", shown.stdout.strip())
    assert broken.returncode == 1
    named = [line for line in broken.stdout.splitlines() if line.startswith("BROKEN")]
    assert named[0].startswith(f"BROKEN  entry_changed: link 4, entry {victim} (")
    assert named[1].startswith("BROKEN  entry_missing: link 9, entry ")
    assert "intact" not in broken.stdout


def test_a_sandbox_makes_its_key_once_and_whoever_verifies_finds_it(tmp_path):
    sandbox = Settings(mode=Mode.SANDBOX, data_dir=tmp_path)
    first, again = signing.signer(sandbox), signing.signer(sandbox)
    assert first == again
    assert (tmp_path / "audit.keys").stat().st_mode & 0o777 == 0o600
    assert signing.public_keys(Settings(mode=Mode.PRODUCTION), tmp_path) == {first.key_id: signing._public(first.seed)}
    assert signing.signer(Settings(mode=Mode.PRODUCTION, data_dir=tmp_path)) is None


def test_what_is_wrong_is_said_in_words():
    for fault in verifying.Fault:
        assert audit_tools.describe(verifying.Broken(fault, 1)).startswith(f"{fault.value}: link 1 (")
    assert len(SEED) == 32
