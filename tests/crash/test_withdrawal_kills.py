"""Withdrawals through kill -9 and lost replies in small: `./run prove withdrawals` does all of it, and more often.

Each withdrawal is held against the chain itself, and the books against both; a custodian that sends before it stores is found out.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.ids import uuid7
from rivermouth.prove import withdrawal_chain as chain
from rivermouth.prove import withdrawals
from rivermouth.prove.kills import CUSTODIAN_FAILPOINTS
from rivermouth.prove.report import Report
from rivermouth.prove.withdrawal_chain import Outflow
from rivermouth.prove.withdrawal_crew import RANDOM
from rivermouth.prove.withdrawal_ground import World
from rivermouth.prove.withdrawal_house import Row
from rivermouth.prove.withdrawals import BRIDGE_FAILPOINTS, Plan

pytestmark = pytest.mark.crash
ADDRESS = "0x" + "5e" * 20


@pytest.fixture
def report():
    return Report("withdrawals", "in small", withdrawals.COLUMNS)


@pytest.fixture
def world(anvil, database, empty_url, valkey_url):
    return World(database.owner, valkey_url, empty_url, anvil)


def told(report):
    return {what: times for what, times, _ in report.rows}


def test_killed_and_unanswered_everything_is_paid_once(world, report):
    custodian = ["custody.sign.before_commit:1", "custody.send.after:1", RANDOM]
    plan = Plan(custodian, ["call.after_send:1", "wallet.event.before_commit:2", RANDOM], lost=10)
    withdrawals.drill(world, report, plan, random.Random(7))
    assert report.failed == []
    found = told(report)
    assert found["kill -9 of the custodian"] + found["kill -9 of the bridge"] >= plan.kills
    assert found["paid once, with their amount"] > 0
    assert (
        found["paid once, with their amount"] + found["ended otherwise, not paid, money back"]
        == found["withdrawals asked for"]
    )


def test_a_custodian_that_sends_before_it_stores_is_found_out(world, report):
    plan = Plan(["custody.sign.before_commit:1"] * 2, [], lost=0)
    withdrawals.drill(world, report, plan, random.Random(8), change="tests.custodian_mutant:change")
    found = told(report)
    assert found["kill -9 of the custodian"] >= plan.kills
    assert sum(found[wrong] for wrong in (chain.TWICE, chain.LOST, chain.BOTH)) > 0
    assert any("left the wallet" in promise for promise in report.failed)


def test_the_whole_plan_has_every_place_as_often_as_every_other():
    plan = Plan.whole(500, 2_000, random.Random(1))
    assert (plan.kills, plan.lost) == (500, 2_000)
    for deaths, places in ((plan.custodian, CUSTODIAN_FAILPOINTS), (plan.bridge, BRIDGE_FAILPOINTS)):
        often = Counter(one.partition(":")[0] for one in deaths)
        assert often.keys() == {*places, RANDOM}
        assert len({often[place] for place in places}) == 1
        assert often[RANDOM] >= 100


# The judge -----------------------------------------------------------------------------------------------------------------------

COIN = ("ETH", Decimal(1))
FINAL = Row(uuid7(), "ETH", ADDRESS, Decimal(1), Decimal("0.1"), "final", None)


@pytest.mark.parametrize(
    ("state", "got", "wrong"),
    [
        ("final", [COIN], None),
        ("final", [COIN, COIN], chain.TWICE),
        ("final", [], chain.LOST),
        ("final", [("USDT", Decimal(1))], chain.OTHER),
        ("final", [("ETH", Decimal(2))], chain.OTHER),
        ("failed", [], None),
        ("failed", [COIN], chain.BOTH),
        ("cancelled", [COIN], chain.BOTH),
        ("broadcast", [COIN], chain.OPEN),
        ("broadcast", [COIN, COIN], chain.TWICE),
        ("manual", [], chain.OPEN),
    ],
)
def test_a_withdrawal_is_judged_by_what_its_address_got(state, got, wrong):
    flow = Outflow()
    flow.paid[ADDRESS].extend(got)
    verdict = chain.judge([replace(FINAL, state=state)], flow)
    assert {what for what in chain.WRONGS if verdict.count(what)} == ({wrong} if wrong else set())
    assert verdict.paid_once + verdict.given_back == (0 if wrong else 1)


def test_what_nobody_asked_for_is_found():
    flow = Outflow()
    flow.paid[ADDRESS].append(COIN)
    assert chain.judge([], flow).count(chain.STRANGER) == 1
