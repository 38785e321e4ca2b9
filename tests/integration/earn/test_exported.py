"""Finance carries earn away as files: the same rows that the reports show, for those who may read earn."""

import csv
import io
from datetime import date

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from pyarrow import parquet
from sqlalchemy import create_engine

from earn.reports import service as reports
from kernel import db
from kernel.errors import InvalidRequest
from kernel.ids import uuid7
from kernel.money import canonical
from kernel.settings import settings
from payments.exports import service, sources
from payments.exports.service import Wanted
from payments.exports.states import Format
from rivermouth import exported, migrate
from tests.earn_books import D, utc

SALE = date(2031, 1, 30)


@pytest.fixture(autouse=True)
def exports_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_EXPORT_DIR", str(tmp_path / "exports"))
    settings.cache_clear()
    exported.begin()
    yield
    settings.cache_clear()


@pytest.fixture
def season(earn):
    """Three subscriptions: one that runs, one that matured and one that was left early."""
    earn.at(utc(2031, 1, 30, 9))
    quick, slow = (
        earn.template(
            apr="0.365", payout=payout, tenor=tenor, minimum="10", step="10", early="PAY_ACCRUED", daily_quota="10000"
        )
        for payout, tenor in (("daily", "3D"), ("monthly", "3M"))
    )
    ann, ben = earn.saver(), earn.saver()
    made = [
        earn.subscribe(ann, earn.day(quick, SALE), "1000"),
        earn.subscribe(ann, earn.day(slow, SALE), "1000"),
        earn.subscribe(ben, earn.day(slow, SALE), "500"),
    ]
    for day in range(31, 36):
        earn.at(utc(2031, 1, 31, 0, 1) + (utc(2031, 2, 1) - utc(2031, 1, 31)) * (day - 31))
        earn.hour()
    earn.redeem(ben, made[2])
    earn.hour()
    return earn, quick, slow, made


def ask(earn, what, format_=Format.CSV, realm="REAL", **rest):
    wanted = Wanted(what, format_, **rest)
    asked = service.request(tenant=earn.tenant, by=uuid7(), realm=realm, wanted=wanted, key=None, fingerprint=b"")
    service.run(earn.tenant, asked.id)
    job, path = service.file_of(earn.tenant, asked.id)
    if format_ is Format.PARQUET:
        return parquet.read_table(path).to_pylist()
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert len(rows) == job.rows_written
    return rows


def test_subscriptions_and_their_rows(season, monkeypatch):
    earn, quick, _slow, made = season
    monkeypatch.setattr(service, "STEP_ROWS", 2)  # several steps, also within a plan
    found = ask(earn, "earn.subscriptions")
    assert [row["id"] for row in found] == [str(one) for one in made]
    assert [(row["status"], row["principal"], row["accrued"]) for row in found] == [
        ("paid_out", "1000", ""), ("active", "1000", ""), ("redeemed_early", "500", "2"),
    ]  # fmt: skip
    assert (found[0]["template_id"], found[0]["sale_date"], found[0]["version"]) == (str(quick), "2031-01-30", "1")
    rows = ask(earn, "earn.plan_rows", Format.PARQUET)
    assert [(row["subscription_id"], row["seq"]) for row in rows] == [
        (str(one), seq) for one in made for seq in (1, 2, 3)
    ]
    assert [row["status"] for row in rows] == ["paid"] * 3 + ["pending"] * 3 + ["void"] * 3
    assert [(row["interest"], row["principal"]) for row in rows[:6]] == [
        (1, 0), (1, 0), (1, 1000), (28, 0), (31, 0), (30, 1000),
    ]  # fmt: skip
    march = ask(earn, "earn.plan_rows", from_at=utc(2031, 3, 1), to_at=utc(2031, 4, 1))
    assert {row["due_date"] for row in march} == {"2031-03-31"}
    assert ask(earn, "earn.subscriptions", from_at=utc(2031, 1, 31)) == []


def test_ladder_and_costs_are_those_of_the_reports(season):
    earn, quick, _slow, _made = season
    shown = reports.ladder(earn.tenant, asset=None).assets[0].days
    assert [tuple(row.values()) for row in ask(earn, "earn.ladder")] == [
        ("USDT", each.date.isoformat(), canonical(each.principal), canonical(each.interest)) for each in shown
    ]
    shown = reports.costs(earn.tenant, first=SALE, last=date(2031, 2, 4), asset=None).items
    found = ask(earn, "earn.costs", Format.PARQUET)
    assert [(row["day"], row["template"], row["interest"]) for row in found] == [
        (each.day.isoformat(), str(each.template), each.interest) for each in shown
    ]
    assert sum(row["interest"] for row in found) == -earn.on("expense.earn:USDT")
    second = ask(earn, "earn.costs", from_at=utc(2031, 2, 2), to_at=utc(2031, 2, 3))
    assert {row["day"] for row in second} == {"2031-02-02"}
    assert str(quick) in {row["template"] for row in second}


def test_what_makes_no_sense_is_refused(earn):
    for what, how in (
        ("earn.everything", {}),
        ("earn.ladder", {"from_at": utc(2031, 1, 1)}),
        ("earn.costs", {"account_id": 1}),
        ("earn.costs", {"realm": "DEMO"}),
        ("earn.costs", {"from_at": utc(2031, 1, 2), "to_at": utc(2031, 1, 2)}),
    ):
        with pytest.raises(InvalidRequest):
            ask(earn, what, **how)
    assert ask(earn, "earn.costs", from_at=utc(1, 1, 1)) == []


def test_only_who_may_read_earn_carries_it_away(house, monkeypatch):
    finance = house.auth("finance")
    made = house.client.post("/v1/ledger/exports", json={"what": "earn.ladder"}, headers=finance)
    assert (made.status_code, made.json()["what"]) == (202, "earn.ladder")
    with monkeypatch.context() as patched:
        patched.setattr("identity.auth.Principal.may", lambda _self, permission: permission != "earn:read")
        for answer in (
            house.client.post("/v1/ledger/exports", json={"what": "earn.ladder"}, headers=finance),
            house.client.get(f"/v1/ledger/exports/{made.json()['id']}/file", headers=finance),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert house.client.post("/v1/ledger/exports", json={"what": "entries"}, headers=finance).status_code == 202
    assert house.client.post("/v1/ledger/exports", json={"what": "earn.nothing"}, headers=finance).status_code == 400


def test_every_source_says_what_its_rows_are():
    assert {name for name in sources.names() if name.startswith("earn.")} == {
        "earn.subscriptions", "earn.plan_rows", "earn.ladder", "earn.costs",
    }  # fmt: skip


def test_early_ends_from_before_count_once_the_migration_ran(season, database):
    earn, *_ = season
    before = earn.engine.execute("SELECT sum(amount) FROM earn.costs").fetchone()[0]

    def go(turn, to):
        engine = create_engine(db.normalise(database.owner))
        with engine.connect() as connection:
            configuration = migrate.configuration(connection)
            turn(configuration, to(ScriptDirectory.from_config(configuration)))
            connection.commit()
        engine.dispose()

    go(command.downgrade, lambda scripts: scripts.get_revision("0046").down_revision)
    assert earn.engine.execute("SELECT sum(amount) FROM earn.costs").fetchone()[0] == before - D(2)
    go(command.upgrade, lambda _scripts: "head")
    assert earn.engine.execute("SELECT sum(amount) FROM earn.costs").fetchone()[0] == before
    assert earn.broken() == {}
