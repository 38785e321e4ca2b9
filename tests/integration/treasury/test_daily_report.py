"""The report of a day adds up to the ledger, to the last unit, whatever was booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import db
from payments.balances import service as balances
from tests.treasury_desk import D
from wallet_bridge.custody import service as custody

UNITS = st.integers(1, 10**9).map(lambda n: D(n).scaleb(-6))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bring", "take", "leave", "next day"]), st.sampled_from(["okx", "kraken"]), UNITS, UNITS
    ),
    min_size=1,
    max_size=8,
)


def midday(treasury, days=1):
    """Noon of the next day: no step of a test crosses midnight by itself."""
    now = treasury.now().astimezone(UTC)
    noon = datetime(now.year, now.month, now.day, 12, tzinfo=UTC) + timedelta(days=days)
    treasury.advance(f"{(noon - now).total_seconds()} seconds")
    return noon.date()


def report(treasury, day=None):
    answer = treasury.ask("GET", "/report" + (f"?day={day}" if day else ""))
    assert answer.status_code == 200, answer.text
    return answer.json()


def row(made, location="venue:okx", asset="USDT"):
    return next(r for r in made["rows"] if (r["location"], r["asset"]) == (location, asset))


def test_a_day_says_what_came_went_was_charged_and_stayed(treasury):
    day = midday(treasury)
    treasury.owns(USDT="1000")
    treasury.leaves(USDT="100", fee="0.5")
    treasury.owns(USDT="-50")
    treasury.says(USDT="849")
    treasury.line(warning="900", critical="1")
    treasury.watch()
    treasury.sample()
    assert not report(treasury, day)["whole"], "today is told as far as it has come"
    midday(treasury)
    made = report(treasury)
    assert (made["day"], made["whole"]) == (day.isoformat(), True)
    mine = row(made)
    opening = D(mine["opening"])
    assert {k: mine[k] for k in ("in", "out", "fees", "reported")} == {
        "in": "1000", "out": "150", "fees": "0.5", "reported": "849",
    }  # fmt: skip
    assert D(mine["closing"]) == opening + D("849.5")
    assert D(mine["difference"]) == D(849) - D(mine["closing"])
    moved = [(t["location"], t["amount"], t["kind"]) for t in made["transfers"] if t["asset"] == "USDT"]
    assert moved == [("venue:okx", "1000", "venue_funding"), ("venue:okx", "-50", "venue_funding")]
    assert [(a["kind"], a["level"]) for a in made["alerts"]] == [("below_line", "warning")]


def test_what_is_too_fine_for_the_books_is_shown_by_itself_and_is_no_difference(treasury):
    day = midday(treasury)
    treasury.owns_wallet(ETH="3")
    with treasury.engine(), db.transaction(tenant=treasury.tenant) as tx:
        before = -sum(b.posted for b in balances.by_path_prefix(tx, "wallet.ethereum") if b.asset == "ETH")
        assert custody.carry(tx, network="ethereum", asset="ETH", change=D("0.000000000000000007")) == 0
        fine = custody.carried(tx)["ethereum", "ETH"]
    treasury.wallet_says(ETH=str(before + fine))
    treasury.sample()
    mine = row(report(treasury, day), "wallet:ethereum", "ETH")
    assert (D(mine["reported"]), D(mine["residue"]), D(mine["difference"])) == (before + fine, fine, 0)
    treasury.owns_wallet(ETH="-1")
    treasury.advance("5 minutes")
    treasury.sample()
    mine = row(report(treasury, day), "wallet:ethereum", "ETH")
    assert (D(mine["residue"]), D(mine["difference"])) == (fine, 1)
    treasury.owns_wallet(ETH="-2")  # as it was before
    with treasury.engine(), db.transaction(tenant=treasury.tenant) as tx:
        custody.carry(tx, network="ethereum", asset="ETH", change=D("-0.000000000000000007"))
    midday(treasury)
    treasury.morning()
    _, told = treasury.events()[-1]
    assert told["differing"] >= 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_day_adds_up_and_begins_where_the_one_before_ended(treasury, steps):
    days = [midday(treasury)]
    for what, venue, amount, fee in steps:
        match what:
            case "bring":
                treasury.owns(venue, USDT=amount)
            case "take":
                treasury.owns(venue, USDT=-amount)
            case "leave":
                treasury.leaves(venue, USDT=amount, fee=fee)
            case _:
                days.append(midday(treasury))
    ends = {}
    for day in days:
        made = report(treasury, day)
        for mine in made["rows"]:
            came, went, fees, begins, closing = (D(mine[k]) for k in ("in", "out", "fees", "opening", "closing"))
            assert begins + came - went - fees == closing
            assert min(came, went, fees) >= 0
            place = (mine["location"], mine["asset"])
            assert begins == ends.get(place, begins)
            ends[place] = closing
    with db.transaction(tenant=treasury.tenant) as tx:
        booked = {
            (b.path.replace(".", ":", 1).rpartition(":")[0], b.asset): -b.posted
            for b in balances.by_path_prefix(tx, "venue.")
        }
    assert ends == {place: booked[place] for place in ends}


def test_each_morning_is_told_once_and_not_before_it_is_one(treasury):
    midday(treasury)
    treasury.owns(USDT="1")
    treasury.says(USDT="1")
    treasury.sample()
    day = treasury.now().astimezone(UTC).date()
    treasury.morning()
    assert treasury.topics() == ["day_reported"]
    treasury.advance("13 hours")
    treasury.morning()
    assert treasury.topics() == ["day_reported"], "it is one o'clock"
    treasury.advance("5 hours")
    for _ in range(3):
        treasury.morning()
    assert treasury.topics() == ["day_reported"] * 2
    _, told = treasury.events()[-1]
    assert (told["day"], told["alerts"]) == (day.isoformat(), 0)
    treasury.owns(USDT="-1")


@pytest.mark.parametrize("day", ["2999-01-01", "0001-01-01", "0001-01-02", "9999-12-31", "x", "2026-02-30"])
def test_a_day_that_has_no_report_is_refused(treasury, day):
    answer = treasury.ask("GET", f"/report?day={day}")
    assert answer.status_code in {400, 422}, answer.text
