"""Exports are closed sets: every row below the horizon once, whatever commits meanwhile and whoever carries them on."""

import csv
import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from pyarrow import parquet

from kernel import db, roles
from kernel.errors import InvalidRequest, NotFound
from kernel.ids import uuid7
from kernel.settings import settings
from payments.days import service as days
from payments.errors import AccountNotFound
from payments.exports import files, service
from payments.exports.errors import ExportNotReady
from payments.exports.service import Wanted
from payments.exports.states import ExportState, Format, What

D = Decimal


@pytest.fixture(autouse=True)
def exports_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_EXPORT_DIR", str(tmp_path / "exports"))
    settings.cache_clear()
    yield tmp_path / "exports"
    settings.cache_clear()


def _ask(books, what, format_=Format.CSV, realm="REAL", **rest):
    wanted = Wanted(What(what), Format(format_), **rest)
    outcome = service.request(tenant=books.tenant, by=uuid7(), realm=realm, wanted=wanted, key=None, fingerprint=b"")
    return outcome.id


def _export(books, what, format_=Format.CSV, **rest):
    """The finished file, read back: rows as dictionaries."""
    export_id = _ask(books, what, format_, **rest)
    service.run(books.tenant, export_id)
    job, path = service.file_of(books.tenant, export_id)
    raw = path.read_bytes()
    assert (job.bytes, job.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert not list(path.parent.glob("*.parts"))
    rows = (
        parquet.read_table(path).to_pylist()
        if format_ == "parquet"
        else list(csv.DictReader(io.StringIO(raw.decode())))
    )
    assert job.rows_written == len(rows)
    return rows


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_entries_and_journals_and_balances_are_all_there(books, format_, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 7)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100.5")
    books.fold()
    ids = [str(books.pay(payer, payee, "1.25")) for _ in range(20)]
    books.customer(realm="DEMO")
    entries = _export(books, "entries", format_)
    with books.superuser() as root:
        expected = root.execute(
            "SELECT journal_id::text, line, account_id, amount, held_delta FROM payments.entries ORDER BY epoch, xid, journal_id, line"
        ).fetchall()
    assert [
        (r["journal_id"], int(r["line"]), int(r["account_id"]), D(r["amount"]), D(r["held_delta"])) for r in entries
    ] == expected
    journals = _export(books, "journals", format_)
    assert [r["journal_id"] for r in journals][1:] == ids
    assert {r["kind"] for r in journals} == {"deposit", "transfer"}
    assert all(r["key"].startswith("s/test:") for r in journals)
    balances = {int(r["account_id"]): D(r["posted"]) for r in _export(books, "balances", format_)}
    assert balances == {payer: D("75.5"), payee: D(25), books.outside(): D("-100.5")}
    assert _export(books, "entries", format_, realm="DEMO") == []


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_a_statement_runs_its_balance_through(books, format_, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 3)
    account, other = books.customer(), books.customer()
    books.credit(account, "10")
    books.engine.execute("""UPDATE kernel.clock SET "offset" = interval '2 days'""")
    with db.read_only(tenant=books.tenant) as tx:
        tomorrow = tx.now
    for _ in range(7):
        books.pay(account, other, "1")
    rows = _export(books, "statement", format_, account_id=account)
    assert [(D(r["amount"]), D(r["balance_after"])) for r in rows] == [(10, 10), *((-1, n) for n in range(9, 2, -1))]
    later = _export(books, "statement", format_, account_id=account, from_at=tomorrow)
    assert [D(r["balance_after"]) for r in later] == [9, 8, 7, 6, 5, 4, 3]
    earlier = _export(books, "statement", format_, account_id=account, to_at=tomorrow)
    assert [D(r["balance_after"]) for r in earlier] == [10]
    assert {D(r["posted"]) for r in _export(books, "balances", format_, to_at=tomorrow)} == {D(10), D(-10), D(0)}
    with books.superuser() as root:
        root.execute("UPDATE kernel.clock SET changed_at = '-infinity'")
    db.configure(books.database.engine)
    assert days.close_due() is not None
    db.configure(books.database.app)
    assert {D(r["posted"]) for r in _export(books, "balances", format_, to_at=tomorrow)} == {D(10), D(-10), D(0)}


def test_a_statement_begins_with_what_was_archived(books):
    account = books.customer()
    books.credit(account, "10")
    with books.superuser() as root:
        root.execute("INSERT INTO payments.archived_balances VALUES (%s, %s, 7.5)", (account, books.tenant))
    assert [D(r["balance_after"]) for r in _export(books, "statement", account_id=account)] == [D("17.5")]


def test_what_commits_after_the_beginning_is_not_in_the_file(books, monkeypatch):
    """A writer with a lower transaction id that commits late would be lost by max(id); here it is left to the next export."""
    monkeypatch.setattr(service, "STEP_ROWS", 4)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")
    open_now, seen = threading.Event(), threading.Event()

    def slow_writer():
        with psycopg.connect(roles.conninfo(books.database.engine)) as connection:
            connection.execute("SELECT pg_current_xact_id()")
            open_now.set()
            seen.wait(60)

    writer = threading.Thread(target=slow_writer)
    writer.start()
    open_now.wait(60)
    books.pay(payer, payee, "1")  # above the horizon while the slow writer lives
    export_id = _ask(books, "entries")
    balances_id = _ask(books, "balances")
    steps = []
    real = service._next

    def busy(tx, job, position):
        steps.append(position)
        return real(tx, job, position)

    monkeypatch.setattr(service, "_next", busy)
    for one in (export_id, balances_id):
        service.run(books.tenant, one)
    seen.set()
    writer.join()
    assert len(service.file_of(books.tenant, export_id)[1].read_text().splitlines()) == 1 + 2
    rows = list(csv.DictReader(service.file_of(books.tenant, balances_id)[1].open()))
    assert {int(r["account_id"]): D(r["posted"]) for r in rows}[payee] == 0
    assert len(_export(books, "entries")) == 4


def test_a_job_is_resumed_where_it_stopped(books, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 4)
    payer, payee = books.customer(), books.customer()
    books.credit(payer, "100")
    for _ in range(9):
        books.pay(payer, payee, "1")
    whole = _export(books, "entries")
    export_id = _ask(books, "entries")
    written, real = [], files.write_part

    def dies_at_the_third(place, number, columns, rows):
        real(place, number, columns, rows)
        written.append(number)
        if len(written) == 3:
            raise OSError("no space left on device")

    monkeypatch.setattr(files, "write_part", dies_at_the_third)
    service.run(books.tenant, export_id)
    job = service.read(books.tenant, export_id)
    assert (job.state, job.parts, job.rows_written, job.error) == ("queued", 2, 8, "OSError")
    with pytest.raises(ExportNotReady):
        service.file_of(books.tenant, export_id)
    books.pay(payer, payee, "1")  # not part of the set that was fixed
    service.run(books.tenant, export_id)
    assert written == [0, 1, 2, 2, 3, 4, 5]
    assert list(csv.DictReader(service.file_of(books.tenant, export_id)[1].open())) == whole


def test_a_job_that_somebody_has_is_left_alone_and_a_lost_claim_writes_nothing(books, monkeypatch):
    monkeypatch.setattr(service, "STEP_ROWS", 2)
    account = books.customer()
    for _ in range(3):
        books.credit(account, "1")
    export_id, real = _ask(books, "entries"), files.write_part

    def robbed(place, number, columns, rows):
        real(place, number, columns, rows)
        service.run(books.tenant, export_id)  # claimed: does nothing
        if number == 1:
            with books.superuser() as root:
                root.execute("UPDATE payments.exports SET claimed_until = now() - interval '1 s'")
            monkeypatch.setattr(files, "write_part", real)
            service.run(books.tenant, export_id)  # another worker takes it to its end

    monkeypatch.setattr(files, "write_part", robbed)
    service.run(books.tenant, export_id)
    job, path = service.file_of(books.tenant, export_id)
    assert (job.rows_written, job.parts) == (6, 4)
    assert len(path.read_text().splitlines()) == 7


def test_a_job_that_always_fails_is_given_up(books, monkeypatch):
    export_id = _ask(books, "entries")

    def broken(*_args):
        raise OSError

    monkeypatch.setattr(files, "write_part", broken)
    for _ in range(service._GIVE_UP_AFTER):
        assert (books.tenant, export_id) in _waiting(books)
        service.run(books.tenant, export_id)
    assert service.read(books.tenant, export_id).state == ExportState.FAILED
    assert _waiting(books) == []


def _waiting(books):
    """As the engine, which sees all tenants."""
    db.configure(books.database.engine, pool_size=1)
    found = service.waiting()
    db.configure(books.database.app, pool_size=4)
    return found


def test_files_go_away_after_a_week(books, exports_folder):
    export_id = _ask(books, "balances")
    service.run(books.tenant, export_id)
    assert service.file_of(books.tenant, export_id)[1].is_file()
    books.engine.execute("""UPDATE kernel.clock SET "offset" = interval '8 days'""")
    service.run(books.tenant, _ask(books, "balances"))
    assert service.read(books.tenant, export_id).state == "expired"
    assert len(list(exports_folder.rglob("*.csv"))) == 1
    with pytest.raises(ExportNotReady):
        service.file_of(books.tenant, export_id)


def test_what_makes_no_sense_is_refused(books):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidRequest):
        _ask(books, "statement")
    with pytest.raises(InvalidRequest):
        _ask(books, "balances", from_at=moment)
    with pytest.raises(InvalidRequest):
        _ask(books, "entries", from_at=moment, to_at=moment - timedelta(days=1))
    with pytest.raises(AccountNotFound):
        _ask(books, "statement", account_id=999_999_999)
    with pytest.raises(NotFound):
        service.read(books.tenant, uuid7())
    export_id = _ask(books, "balances")
    with pytest.raises(NotFound):
        service.read(uuid7(), export_id)


def test_over_http(house):
    finance = house.auth("finance")
    body, key = {"what": "balances", "format": "csv"}, {"Idempotency-Key": "export-1"}
    made = house.client.post("/v1/ledger/exports", json=body, headers=finance | key)
    assert made.status_code == 202, made.text
    export_id = made.json()["id"]
    again = house.client.post("/v1/ledger/exports", json=body, headers=finance | key)
    assert (again.status_code, again.json()["id"]) == (200, export_id)
    other = house.client.post("/v1/ledger/exports", json=body | {"format": "parquet"}, headers=finance | key)
    assert other.json()["code"] == "idempotency_conflict"
    assert (
        house.client.get(f"/v1/ledger/exports/{export_id}/file", headers=finance).json()["code"] == "export_not_ready"
    )
    service.run(house.first, UUID(export_id))
    job = house.client.get(f"/v1/ledger/exports/{export_id}", headers=house.auth("auditor")).json()
    assert (job["status"], job["progress"], job["rows"]) == ("done", 1.0, 0)
    file = house.client.get(f"/v1/ledger/exports/{export_id}/file", headers=finance)
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert hashlib.sha256(file.content).hexdigest() == job["sha256"]
    assert file.text == "account_id,path,kind,owner,normal_side,asset,posted\r\n"
    assert (
        house.client.get("/v1/ledger/exports", params={"limit": 1}, headers=finance).json()["items"][0]["id"]
        == export_id
    )
    service._place(house.first, service.read(house.first, UUID(export_id))).file.unlink()
    assert (
        house.client.get(f"/v1/ledger/exports/{export_id}/file", headers=finance).json()["code"] == "export_file_gone"
    )
    for bad in (
        {"what": "everything"},
        {"what": "statement"},
        {"what": "entries", "from": "yesterday"},
        {"what": "entries", "account": 0},
        {"what": "entries", "from": "0001-01-01T00:00:00+14:00"},
        {"what": "entries", "to": "9999-12-31T23:59:59-14:00"},
    ):
        assert house.client.post("/v1/ledger/exports", json=bad, headers=finance).status_code == 400
