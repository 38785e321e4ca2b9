"""The life of an alert: raised once, worse, acknowledged, called for again, over by itself; and who is told of it."""

from __future__ import annotations

from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from tests.treasury_desk import D
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.service import Shortage

LINE = "below_line"


def opened(treasury):
    treasury.owns(USDT="1000")
    treasury.line()
    treasury.says(USDT="1000")
    treasury.watch()
    assert treasury.standing() == []


def closed(treasury):
    treasury.owns(USDT="-1000")


def test_it_is_raised_once_gets_worse_and_ends_by_itself_after_a_calm(treasury):
    opened(treasury)
    for free in ("99", "98", "97"):
        treasury.says(USDT=free)
        treasury.watch(after="10 seconds")
    assert treasury.standing() == [("venue:okx", "USDT", LINE, "warning", 1)]
    treasury.says(USDT="49")
    treasury.watch()
    assert treasury.standing() == [("venue:okx", "USDT", LINE, "critical", 2)], "the same one"
    treasury.says(USDT="103")
    treasury.watch(after="10 minutes")
    treasury.watch(after="3 minutes")
    assert treasury.standing() == [("venue:okx", "USDT", LINE, "warning", 2)], "above the line, not above its margin"
    treasury.says(USDT="105")
    treasury.watch()
    treasury.watch(after="119 seconds")
    assert treasury.standing() != []
    treasury.watch(after="1 second")
    assert treasury.standing() == []
    assert treasury.topics() == ["alert_raised", "alert_escalated", "alert_cleared"]
    raised, escalated, cleared = (payload for _, payload in treasury.events())
    assert (raised["level"], raised["usable"], raised["line"]) == ("warning", "99", "100")
    assert (escalated["level"], escalated["cause"], escalated["usable"], escalated["line"]) == (
        "critical",
        "worse",
        "49",
        "50",
    )
    assert raised["alert_id"] == escalated["alert_id"] == cleared["alert_id"]
    [over] = treasury.alerts("cleared")
    assert (over["state"], over["cleared_at"] is not None, over["usable"]) == ("cleared", True, "105")
    closed(treasury)


def test_a_balance_that_swings_far_counts_its_swings_and_tells_once(treasury):
    opened(treasury)
    for _ in range(5):
        treasury.says(USDT="90")
        treasury.watch(after="60 seconds")
        treasury.says(USDT="200")
        treasury.watch(after="60 seconds")
    assert treasury.standing() == [("venue:okx", "USDT", LINE, "warning", 5)]
    assert treasury.topics() == ["alert_raised"]
    closed(treasury)


def test_who_acknowledges_is_known_and_not_called_again_until_it_is_worse(treasury):
    opened(treasury)
    treasury.says(USDT="99")
    treasury.watch()
    [alert] = treasury.alerts()
    key = {"Idempotency-Key": str(uuid7())}
    acked, again = (treasury.ask("POST", f"/alerts/{alert['id']}/ack", **key).json() for _ in range(2))
    assert acked == again
    assert (acked["acked_by"], acked["acked_at"] is not None) == (str(treasury.house.ids[Role.TREASURY]), True)
    assert treasury.ask("POST", f"/alerts/{alert['id']}/ack").json()["acked_at"] == acked["acked_at"], "the first stays"
    treasury.says(USDT="10")
    treasury.watch()
    [worse] = treasury.alerts()
    assert (worse["id"], worse["level"], worse["acked_by"]) == (alert["id"], "critical", None)
    treasury.ask("POST", f"/alerts/{alert['id']}/ack")
    for _ in range(4):
        treasury.says(USDT="10")
        treasury.watch(after="20 minutes")
    assert treasury.topics() == ["alert_raised", "alert_escalated"]
    with treasury.house.sql("superuser") as connection:
        written = connection.execute(
            "SELECT count(*), min(details->>'location') FROM identity.audit_entries WHERE action = 'treasury_alert.acknowledged'"
            " AND resource_id = %s",
            (alert["id"],),
        ).fetchone()
    assert written == (3, "venue:okx")
    closed(treasury)


def test_a_critical_one_that_nobody_answers_is_called_every_quarter_of_an_hour_and_not_for_ever(treasury):
    opened(treasury)
    treasury.says(USDT="10")
    treasury.watch()
    treasury.watch(after="14 minutes")
    assert treasury.topics() == ["alert_raised"]
    treasury.watch(after="1 minute")
    treasury.watch()
    assert treasury.topics() == ["alert_raised", "alert_escalated"]
    for _ in range(12):
        treasury.watch(after="15 minutes")
    calls = [payload for topic, payload in treasury.events() if topic == "alert_escalated"]
    assert [(c["cause"], c["times"]) for c in calls] == [("unanswered", n) for n in range(1, 9)]
    [alert] = treasury.alerts()
    assert alert["escalations"] == 8
    closed(treasury)


def test_an_alert_that_is_over_or_unknown_takes_no_answer(treasury):
    opened(treasury)
    treasury.says(USDT="99")
    treasury.watch()
    [alert] = treasury.alerts()
    treasury.says(USDT="1000")
    treasury.watch()
    treasury.watch(after="2 minutes")
    answer = treasury.ask("POST", f"/alerts/{alert['id']}/ack")
    assert (answer.status_code, answer.json()["code"]) == (409, "alert_over")
    answer = treasury.ask("POST", f"/alerts/{uuid7()}/ack")
    assert (answer.status_code, answer.json()["code"]) == (404, "alert_not_found")
    for who in set(Role) - {Role.TREASURY}:
        assert treasury.ask("POST", f"/alerts/{alert['id']}/ack", who=who).status_code == 403
    closed(treasury)


def test_a_venue_that_falls_silent_is_one_alert_however_many_assets_and_its_lines_keep_still(treasury):
    opened(treasury)
    treasury.says(USDT="99", BTC="1", ETH="1")
    treasury.watch()
    before = treasury.standing()
    treasury.silent("3 minutes")
    treasury.watch()
    treasury.watch(after="1 hour")
    assert treasury.standing() == sorted([*before, ("venue:okx", "*", "report_stale", "warning", 1)])
    treasury.silent("20 minutes")
    treasury.watch()
    assert ("venue:okx", "*", "report_stale", "critical", 2) in treasury.standing()
    treasury.says(USDT="1000", BTC="1", ETH="1")
    for _ in range(3):
        treasury.watch(after="2 minutes")
    assert treasury.standing() == []
    closed(treasury)


def test_a_line_that_is_ended_ends_its_alert(treasury):
    opened(treasury)
    treasury.says(USDT="10")
    treasury.watch()
    treasury.line(warning="0", critical="0")
    for _ in range(3):
        treasury.watch(after="2 minutes")
    assert treasury.standing() == []
    closed(treasury)


def test_a_shortage_ends_when_what_was_needed_is_there_or_nobody_needs_it_any_more(treasury):
    opened(treasury)
    for venue in ("okx", "kraken"):
        for _ in range(2):
            funds.report_shortage(treasury.tenant, Shortage(venue, "USDT", D(2000), D(1000)))
    treasury.watch()
    assert treasury.standing() == [
        (f"venue:{v}", "USDT", "venue_balance_low", "critical", 2) for v in ("kraken", "okx")
    ]
    assert treasury.topics() == ["alert_raised"] * 2
    treasury.owns(USDT="1500")
    treasury.says(USDT="2500")
    for _ in range(3):
        treasury.watch(after="2 minutes")
    assert treasury.standing() == [("venue:kraken", "USDT", "venue_balance_low", "critical", 2)]
    for _ in range(3):
        treasury.watch(after="1 hour")
    assert treasury.standing() == []
    treasury.owns(USDT="-1500")
    closed(treasury)


def test_many_alerts_of_one_moment_are_one_notice_and_unanswered_ones_reach_the_superiors(treasury):
    opened(treasury)
    for asset in ("BTC", "ETH"):
        treasury.owns(**{asset: "1000"})
        treasury.line(asset=asset)
    treasury.says(USDT="10", BTC="20", ETH="99")
    treasury.watch()
    treasury.told()
    lines = "venue:okx BTC 20 < 50; venue:okx ETH 99 < 100; venue:okx USDT 10 < 50"
    assert treasury.notices(Role.TREASURY) == [("treasury_alert", {"count": "3", "lines": lines})]
    assert treasury.notices(Role.ADMIN) == []
    treasury.watch(after="15 minutes")
    treasury.told()
    called = ("treasury_unanswered", {"count": "2", "lines": "venue:okx BTC 20 < 50; venue:okx USDT 10 < 50"})
    assert treasury.notices(Role.TREASURY)[1:] == [called]
    assert treasury.notices(Role.ADMIN) == [called]
    assert treasury.notices(Role.RETAIL) == treasury.notices(Role.FINANCE) == []
    treasury.owns(BTC="-1000", ETH="-1000")
    closed(treasury)


def test_what_two_watchers_see_at_once_is_one_alert(treasury):
    """A second one waits for the first, and then finds its alert there."""
    from concurrent.futures import ThreadPoolExecutor

    from wallet_bridge.alerts import watch

    opened(treasury)
    treasury.says(USDT="10")
    with treasury.engine(), ThreadPoolExecutor(4) as pool:
        moment = treasury.now()
        list(pool.map(lambda _: db.retrying(lambda: watch.watch(moment)), range(8)))
    [(_, _, _, level, _)] = treasury.standing()
    assert (level, treasury.topics()) == ("critical", ["alert_raised"])
    closed(treasury)
