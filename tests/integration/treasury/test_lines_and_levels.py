"""What every place holds beside the ledger, its lines and its level; what is not known is never called well."""

from __future__ import annotations

import pytest

from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from tests.treasury_desk import D
from wallet_bridge.funds import service
from wallet_bridge.levels import service as levels


def test_reported_and_ledger_stand_side_by_side_and_the_smaller_one_is_usable(treasury):
    treasury.owns(USDT="1000")
    treasury.says(USDT="990.5")
    treasury.wallet_says(ETH="2")
    shown = treasury.balance()
    assert {k: shown[k] for k in ("kind", "reported", "free", "ledger", "difference", "usable", "level", "hours_left")} == {
        "kind": "venue", "reported": "990.5", "free": "990.5", "ledger": "1000", "difference": "-9.5", "usable": "990.5", "level": "ok",
        "hours_left": None,
    }  # fmt: skip
    wallet = treasury.balance("wallet:ethereum", "ETH")
    assert (wallet["kind"], wallet["ledger"], wallet["difference"], wallet["usable"]) == ("wallet", "0", "2", "0")
    treasury.owns(USDT="-1000")


def test_levels_follow_the_lines_and_exactly_on_one_is_not_below_it(treasury):
    treasury.owns(USDT="100")
    assert treasury.line().status_code == 201
    for free, level in {
        "100": "ok",
        "99.999999": "warning",
        "50": "warning",
        "49.999999": "critical",
        "0": "critical",
    }.items():
        treasury.says(USDT=free)
        assert treasury.level() == level, free
    treasury.says(USDT="100")
    with db.transaction(tenant=treasury.tenant) as tx:
        assert service.reserve(tx, venue="okx", asset="USDT", amount=D(60)) is None
    assert (treasury.balance()["reserved"], treasury.level()) == ("60", "critical"), "what orders hold is not usable"
    with db.transaction(tenant=treasury.tenant) as tx:
        service.release(tx, venue="okx", asset="USDT", amount=D(60))
    treasury.owns(USDT="-100")


def test_an_old_report_is_no_knowledge_and_neither_is_none(treasury):
    treasury.holds(USDT="1000")
    treasury.silent("119 seconds")
    assert treasury.level() == "ok"
    treasury.silent("2 seconds")
    assert (treasury.level(), treasury.balance()["hours_left"]) == ("unknown", None)
    treasury.owns("kraken", BTC="1")
    kraken = treasury.balance("venue:kraken", "BTC")
    assert (kraken["level"], kraken["reported"], kraken["reported_at"], kraken["difference"]) == (
        "unknown",
        None,
        None,
        None,
    )
    treasury.owns("kraken", BTC="-1")
    treasury.owns(USDT="-1000")


def test_what_a_whole_report_leaves_out_is_gone_and_not_merely_old(treasury):
    treasury.holds(USDT="1000", BTC="1")
    treasury.line(asset="BTC", warning="0.5", critical="0.1")
    treasury.silent("61 seconds")
    treasury.says(USDT="1000")
    gone = treasury.balance(asset="BTC")
    assert (gone["reported"], gone["difference"], gone["level"]) == ("0", "-1", "critical")
    treasury.owns(USDT="-1000", BTC="-1")


def test_hours_are_usable_by_what_left_in_a_day_and_treasurys_own_moves_are_no_flow(treasury):
    treasury.holds(USDT="1000")
    treasury.leaves(USDT="240")
    treasury.says(USDT="760")
    treasury.owns(USDT="-160")  # treasury takes some away
    treasury.says(USDT="600")
    assert treasury.line(warning="100", critical="12", unit="hours").status_code == 201
    treasury.sample()
    shown = treasury.balance()
    assert (shown["hours_left"], shown["warning_hours"], shown["warning"], shown["critical"]) == (
        "60",
        "100",
        "1000",
        "120",
    )
    assert shown["level"] == "warning"
    assert service.room(treasury.tenant, "USDT")["okx"].warning_line == 1000, "orders see it in the asset"
    treasury.sample(after="25 hours")
    treasury.says(USDT="600")
    assert (treasury.balance()["hours_left"], treasury.level()) == (None, "ok"), "nothing has left for a day"
    treasury.owns(USDT="-600")


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"warning": "50", "critical": "100"}, 422, "line_unfit"),
        ({"critical": "-1"}, 422, "line_unfit"),
        ({"warning": "-1", "critical": "-2"}, 422, "line_unfit"),
        ({"warning": "0.0000001", "critical": "0"}, 422, "line_unfit"),
        ({"warning": "1e3"}, 400, None),
        ({"warning": 100}, 400, None),
        ({"warning": "NaN"}, 400, None),
        ({"warning": "1" * 38, "critical": "0"}, 422, "line_unfit"),
        ({"unit": "hours", "warning": "2161", "critical": "1"}, 422, "line_unfit"),
        ({"unit": "hours", "warning": "1.001", "critical": "1"}, 422, "line_unfit"),
        ({"unit": "days"}, 400, None),
        ({"asset": "NONSENSE"}, 400, "asset_unknown"),
        ({"location": "venue:nowhere"}, 422, "location_unknown"),
        ({"location": "wallet:nowhere"}, 422, "location_unknown"),
        ({"location": "okx"}, 400, None),
        ({"location": "venue:okx\n"}, 400, None),
        ({"more": "1"}, 400, None),
    ],
)
def test_a_line_of_nonsense_is_refused_and_changes_nothing(treasury, wish, status, code):
    treasury.says(USDT="100")
    given = {"location": "venue:okx", "asset": "USDT", "warning": "100", "critical": "50"} | wish
    answer = treasury.ask("POST", "/lines", given)
    assert answer.status_code in {status, 422}, answer.text
    if code:
        assert answer.json()["code"] == code
    assert treasury.ask("GET", "/lines").json()["items"] == []


def test_the_newest_line_counts_each_is_kept_and_written_down_and_a_repeat_is_one(treasury):
    treasury.holds(USDT="80")
    key = {"Idempotency-Key": str(uuid7())}
    body = {"location": "venue:okx", "asset": "USDT", "warning": "100", "critical": "50"}
    one, two = (treasury.ask("POST", "/lines", body, **key) for _ in range(2))
    assert (one.status_code, two.status_code, one.json()) == (201, 200, two.json())
    assert treasury.ask("POST", "/lines", body | {"warning": "99"}, **key).json()["code"] == "idempotency_conflict"
    assert (one.json()["version"], treasury.level()) == (1, "warning")
    treasury.line(warning="90", critical="85")
    assert treasury.level() == "critical"
    treasury.line(warning="0", critical="0")
    assert (treasury.level(), treasury.balance()["warning"]) == ("ok", None), "a line of nothing is none"
    found = treasury.ask("GET", "/lines?location=venue:okx&asset=USDT").json()["items"]
    assert [(v["version"], v["warning"]) for v in found] == [(3, "0"), (2, "90"), (1, "100")]
    assert {v["set_by"] for v in found} == {str(treasury.house.ids[Role.TREASURY])}
    assert [v["version"] for v in treasury.ask("GET", "/lines").json()["items"]] == [3]
    with treasury.house.sql("superuser") as connection:
        entries = connection.execute(
            "SELECT action, details->>'warning', before IS NOT NULL FROM identity.audit_entries"
            " WHERE action = 'treasury_line.set' ORDER BY id DESC LIMIT 3"
        ).fetchall()
    assert entries == [
        ("treasury_line.set", "0", True),
        ("treasury_line.set", "90", True),
        ("treasury_line.set", "100", True),
    ]
    treasury.owns(USDT="-80")


def test_treasury_sets_lines_and_nobody_else(treasury):
    treasury.says(USDT="100")
    body = {"location": "venue:okx", "asset": "USDT", "warning": "100", "critical": "50"}
    for who in set(Role) - {Role.TREASURY}:
        assert treasury.ask("POST", "/lines", body, who=who).status_code == 403, who
        for path in ("/balances", "/lines", "/alerts", "/report", "/history?location=venue:okx&asset=USDT"):
            assert treasury.ask("GET", path, who=who).status_code == 403, (who, path)


def test_another_house_sees_nothing_of_it(treasury):
    treasury.holds(USDT="100")
    treasury.line()
    treasury.sample()
    other, now = treasury.house.second, treasury.now()
    assert levels.now(other) == []
    span = {"since": now - levels.KEPT, "until": now + levels.KEPT}
    assert levels.history(treasury.tenant, location="venue:okx", asset="USDT", **span) != []
    assert levels.history(other, location="venue:okx", asset="USDT", **span) == []
    treasury.owns(USDT="-100")


def test_the_history_is_sampled_thinned_and_forgotten(treasury):
    treasury.holds(USDT="100")
    for free in ("100", "90", "80"):
        treasury.says(USDT=free)
        treasury.sample(after="5 minutes")
    found = treasury.ask("GET", "/history?location=venue:okx&asset=USDT").json()["items"]
    assert [(p["reported"], p["usable"], p["ledger"], p["level"]) for p in found] == [
        ("100", "100", "100", "ok"), ("90", "90", "100", "ok"), ("80", "80", "100", "ok"),
    ]  # fmt: skip
    with treasury.engine(), db.transaction(tenant=treasury.tenant) as tx:
        tx.execute(
            "INSERT INTO wallet_bridge.balance_history (tenant_id, location, asset, at, reported, ledger, usable, level)"
            " SELECT :tenant, 'venue:okx', 'USDT', :now - n * interval '5 minutes', 1, 1, 1, 'ok' FROM generate_series(3, 30000) n",
            tenant=treasury.tenant,
            now=tx.now,
        )
    end = treasury.now()
    query = {"location": "venue:okx", "asset": "USDT", "from": (end - levels.KEPT).isoformat(), "to": end.isoformat()}
    answer = treasury.house.client.get("/v1/treasury/history", params=query, headers=treasury.house.auth(Role.TREASURY))
    points = answer.json()["items"]
    assert 400 < len(points) <= 500
    assert [p["at"] for p in points] == sorted(p["at"] for p in points)
    with treasury.engine():
        levels.forget_old()
        with db.transaction() as tx:
            oldest = tx.scalar("SELECT :now - min(at) FROM wallet_bridge.balance_history", now=tx.now)
    assert oldest <= levels.KEPT
    treasury.owns(USDT="-100")


@pytest.mark.parametrize(
    "query",
    ["from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=2020-01-01T00:00:00Z", "to=0001-01-01T00:00:00Z", "from=x",
     "to=9999-12-31T23:59:59Z&from=0001-01-01T00:00:00Z", "to=1999-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_history_of_nonsense_is_refused(treasury, query):
    answer = treasury.ask("GET", f"/history?location=venue:okx&asset=USDT&{query}")
    assert answer.status_code in {400, 422}, answer.text
