"""Withdrawals while the custodian and the bridge are killed, at every place that has a name and at random moments, and answers are lost.

Real programs: both with a database of their own, on a real node. Servers in the middle pass every request on and swallow some answers,
of the custodian and of the node. In the end every withdrawal is held against the chain itself, and the books against both.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from kernel import clock, db, log, roles, signing
from rivermouth import checks
from rivermouth.prove import withdrawal_chain as chain
from rivermouth.prove.kills import CUSTODIAN_FAILPOINTS, ENGINE_FAILPOINTS, WALLET_FAILPOINTS
from rivermouth.prove.nursery import Nursery
from rivermouth.prove.report import Report
from rivermouth.prove.withdrawal_chain import Outflow
from rivermouth.prove.withdrawal_crew import RANDOM, Program
from rivermouth.prove.withdrawal_ground import Ground, World, own_world
from rivermouth.prove.withdrawal_house import COIN, HOT, TOKEN, House
from wallet_bridge.withdrawals.states import WithdrawalState

COLUMNS = ("what", "times", "what came of it")
BRIDGE_FAILPOINTS = (
    *(place for place in ENGINE_FAILPOINTS if place.startswith(("call.", "outbox."))),
    *WALLET_FAILPOINTS,
)
"""Of the parts that pay out: the lane, the reader of events, and the consumer that lets out what two people agreed to."""
PARTS = ("lane:custodian", "custodian-events", "events", "fold")
_CUSTODIAN, _BRIDGE = "rivermouth.commands.custodian", "rivermouth.engine.main"
MODULES = (_CUSTODIAN, "wallet_bridge.custodian.process", "wallet_bridge.custodian.database", "uvicorn", _BRIDGE)
AT_ONCE = 40
"""So many withdrawals are open at a time."""
SETTLE_S = 300.0
FOUND_OUT_S = 10.0
"""A custodian that was broken on purpose may leave what never ends: once it is found out, so long is waited for the others."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What each program dies of, in this order, and how many answers are lost at least."""

    custodian: list[str]
    bridge: list[str]
    lost: int

    @classmethod
    def whole(cls, kills: int, lost: int, rng: random.Random) -> Plan:
        """Each place as often as every other, more than half of all deaths at random moments; the custodian dies more often."""
        each = max(1, kills // (3 * (len(CUSTODIAN_FAILPOINTS) + len(BRIDGE_FAILPOINTS))))
        custodian, bridge = ([*places] * each for places in (CUSTODIAN_FAILPOINTS, BRIDGE_FAILPOINTS))
        rest = max(0, kills - len(custodian) - len(bridge))
        custodian += [RANDOM] * (rest - rest // 2)
        bridge += [RANDOM] * (rest // 2)
        rng.shuffle(custodian)
        rng.shuffle(bridge)
        return cls([_passes(one, rng) for one in custodian], [_passes(one, rng) for one in bridge], lost)

    @property
    def kills(self) -> int:
        return len(self.custodian) + len(self.bridge)


def _passes(place: str, rng: random.Random) -> str:
    return place if place == RANDOM else f"{place}:{rng.randint(1, 2)}"


def prove(*, kills: int = 500, folder: Path | None = None, seed: int = 20261122) -> int:
    report = Report("withdrawals", "withdrawals through kill -9 and lost replies", COLUMNS)
    log.configure("prove", "CRITICAL")  # what dies here is no news
    rng = random.Random(seed)
    with own_world() as world:
        drill(world, report, Plan.whole(kills, 4 * kills, rng), rng)
    return report.finish(folder)


def drill(world: World, report: Report, plan: Plan, rng: random.Random, *, change: str | None = None) -> None:
    """Everything, on servers that run. `change` breaks the custodian, for tests."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rm-kills-")))
        house = House(world.database, rng)
        house.open()
        stack.callback(db.dispose)
        ground = Ground.laid(world, folder, rng)
        for proxy in (ground.to_node, ground.to_custodian):
            stack.enter_context(proxy)
        modules = MODULES if change is None else (*MODULES, change.partition(":")[0])
        nursery = stack.enter_context(Nursery(modules, folder / "nursery.log"))
        day = _Day(house, ground, nursery, folder, report, rng, *_programs(world, ground, house, plan, change))
        stack.callback(day.end)
        day.disturb(plan)
        day.settle()
        day.look(plan)


def _programs(world: World, ground: Ground, house: House, plan: Plan, change: str | None) -> tuple[Program, Program]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("RIVERMOUTH_")}
    bridge = {
        "RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_DATABASE_URL": house.url(roles.ENGINE), "RIVERMOUTH_REDIS_URL": world.redis,
        "RIVERMOUTH_HOUSE_TENANT": str(house.tenant), "RIVERMOUTH_VENUES": "", "RIVERMOUTH_CUSTODIAN_URL": ground.to_custodian.url,
        "RIVERMOUTH_BRIDGE_SIGNING_KEY": signing.shown({ground.bridge.key_id: ground.bridge.seed}),
        "RIVERMOUTH_RESOLVER_SCALE": "0.1", "RIVERMOUTH_LEASE_TTL_S": "0.8", "RIVERMOUTH_LOG_LEVEL": "WARNING",
        "RIVERMOUTH_DATABASE_POOL_SIZE": "8",
    }  # fmt: skip
    return (
        Program(
            "custodian", f"{_CUSTODIAN}:serve", {"host": "127.0.0.1", "port": ground.port}, keep | ground.env, 1.0,
            lambda _home: ground.serves(), deque(plan.custodian), change,
        ),
        Program(
            "bridge", f"{_BRIDGE}:main", {"only": PARTS}, keep | bridge, 2.5, lambda home: (home / "ready").exists(),
            deque(plan.bridge),
        ),
    )  # fmt: skip


@dataclass(slots=True)
class _Day:
    house: House
    ground: Ground
    nursery: Nursery
    folder: Path
    report: Report
    rng: random.Random
    custodian: Program
    bridge: Program
    _block_at: float = 0.0
    _asked_at: float = 0.0
    _said_at: float = field(default_factory=clock.monotonic)

    @property
    def lost(self) -> int:
        return self.ground.to_custodian.lost.total() + self.ground.to_node.lost.total()

    @property
    def killed(self) -> int:
        return self.custodian.killed.total() + self.bridge.killed.total()

    @property
    def _trouble(self) -> bool:
        """A program that ends by itself is nothing to go on with."""
        return bool(self.custodian.trouble or self.bridge.trouble)

    # What happens --------------------------------------------------------------------------------------------------------------

    def disturb(self, plan: Plan) -> None:
        """Until everybody died as often as planned and so many answers were lost."""
        while self.killed < plan.kills or self.custodian.deaths or self.bridge.deaths or self.lost < plan.lost:
            self._step(busy=True)
            if self._trouble:
                break

    def settle(self) -> None:
        """Nobody dies any more and no answer is lost: everything comes to its end."""
        self.ground.to_node.calm = self.ground.to_custodian.calm = True
        self.house.give_up()
        until, found_out = clock.monotonic() + SETTLE_S, False
        while (self.house.open_ones() or self._unpaid()) and clock.monotonic() < until and not self._trouble:
            for _ in range(20):
                self._step(busy=False)
            if self.custodian.change and not found_out and chain.judge(self.house.rows(), self._flow()).harm:
                until, found_out = clock.monotonic() + FOUND_OUT_S, True

    def _step(self, *, busy: bool) -> None:
        for program in (self.custodian, self.bridge):
            program.step(self.nursery, self.folder, self.rng)
        now = clock.monotonic()
        if now >= self._block_at:
            self.ground.anvil.mine()
            # Now and then the chain stands still for so long that what waits for a block is outbid.
            self._block_at = now + (self.rng.uniform(0.1, 0.8) if not busy or self.rng.random() < 0.97 else 4.0)
        if busy and now >= self._asked_at:
            if self.house.open_ones() < AT_ONCE:
                self.house.ask()
            self._asked_at = now + self.rng.uniform(0, 0.4)
        if now >= self._said_at + 30:
            print(f"{self.killed} killed, {self.lost} answers lost, {self.house.asked.total()} asked for", flush=True)
            self._said_at = now
        time.sleep(0.01)

    def _unpaid(self) -> int:
        """What the custodian still has under way, and what it told that nobody has heard."""
        with psycopg.connect(roles.conninfo(self.ground.env["RIVERMOUTH_CUSTODIAN_DATABASE_URL"])) as connection:
            row = connection.execute(
                """SELECT (SELECT count(*) FROM custody.transfers WHERE state NOT IN ('final', 'failed', 'cancelled')),
                          (SELECT seq FROM custody.event_head)"""
            ).fetchone()
        assert row is not None, "one row of two counts"
        with db.read_only() as tx:
            heard = tx.scalar("SELECT seq FROM wallet_bridge.cursors") or 0
        return int(row[0]) + int(row[1]) - int(heard)

    def end(self) -> None:
        self.custodian.end()
        self.bridge.end()

    # What came of it -----------------------------------------------------------------------------------------------------------

    def look(self, plan: Plan) -> None:
        self._deaths(plan)
        for where, proxy in (("custodian", self.ground.to_custodian), ("node", self.ground.to_node)):
            lost = ", ".join(f"{kind} {count}" for kind, count in proxy.lost.most_common())
            self.report.row(f"answers of the {where} lost", proxy.lost.total(), lost)
        self.report.require(self.lost >= plan.lost, f"{self.lost} of {plan.lost} answers were lost")
        self._payments()
        self._books()

    def _deaths(self, plan: Plan) -> None:
        for program, planned in ((self.custodian, plan.custodian), (self.bridge, plan.bridge)):
            places = ", ".join(f"`{place}` {count}" for place, count in sorted(program.killed.items()))
            self.report.row(f"kill -9 of the {program.name}", program.killed.total(), places)
            wanted = {one.partition(":")[0] for one in planned}
            never = sorted(wanted - program.killed.keys())
            self.report.require(not never, f"the {program.name} never died at {never}")
            self.report.require(not program.trouble, f"{program.trouble}: {self._log(program)}")
        self.report.require(self.killed >= plan.kills, f"{self.killed} of {plan.kills} kills")

    def _log(self, program: Program) -> str:
        path = self.folder / f"{program.name}.log"
        return path.read_text(errors="replace")[-1_500:] if path.exists() else "it said nothing"

    def _payments(self) -> None:
        ground, rows, flow = self.ground, self.house.rows(), self._flow()
        verdict = chain.judge(rows, flow)
        house = self.house
        asked = ", ".join(f"{count} of {what}" for what, count in sorted(house.asked.items()))
        asked += f"; {house.let_out} let out by two people, {house.took_back} asked to be taken back"
        self.report.row("withdrawals asked for", len(rows), asked)
        self.report.row(
            "paid once, with their amount", verdict.paid_once, f"{flow.transactions} transactions of the hot wallet"
        )
        self.report.row("ended otherwise, not paid, money back", verdict.given_back, _ends(rows))
        for wrong in chain.WRONGS:
            self.report.row(wrong, verdict.count(wrong), "; ".join(verdict.wrong[wrong][:2]) or "none")
            self.report.require(
                verdict.count(wrong) == 0, f"{verdict.count(wrong)} {wrong}: {verdict.wrong[wrong][:3]}"
            )
        held = ground.held()
        for asset in (COIN, TOKEN):
            fees = flow.fees if asset == COIN else Decimal(0)
            final = sum(
                (row.amount for row in rows if row.asset == asset and row.state == WithdrawalState.FINAL), Decimal(0)
            )
            left = HOT[asset] - held[asset]
            self.report.row(
                f"{asset} that left the chain's wallet", left, f"{final} of final withdrawals + {fees} of fees"
            )
            self.report.require(left == final + fees, f"{asset}: {left} left the wallet, not {final} + {fees}")

    def _flow(self) -> Outflow:
        ground = self.ground
        return chain.outflow(ground.anvil.ask, hot=ground.hot, token=ground.token.address, first=ground.first)

    def _books(self) -> None:
        held, booked = self.ground.held(), self.house.wallet()
        for asset in (COIN, TOKEN):
            self.report.require(
                held[asset] == booked[asset], f"{asset}: {held[asset]} on the chain, {booked[asset]} in the books"
            )
        self.report.row("wallets: chain = ledger + what it carries", 2, ", ".join(f"{held[one]} {one}" for one in held))
        wrong = self._customers()
        self.report.row("customers' balances", len(self.house.customers), "as the final ones left them; nothing held")
        self.report.require(not wrong, f"customers: {wrong[:3]}")
        db.configure(self.house.url(roles.ENGINE), pool_size=2)
        broken = [f"{one.name}: {one.count}" for one in checks.check_all() if not one.ok]
        self.report.row("invariants", len(checks.INVARIANTS), "; ".join(broken) or "all hold")
        self.report.require(not broken, f"invariants: {broken}")

    def _customers(self) -> list[str]:
        spent: dict[Any, Decimal] = {}
        with db.read_only(tenant=self.house.tenant) as tx:
            for row in tx.all(
                "SELECT customer_id, sum(amount + fee) AS total FROM wallet_bridge.withdrawals WHERE state = 'final' GROUP BY 1"
            ):
                spent[row.customer_id] = row.total
        told = self.house.balances()
        return [
            f"{one.id} has {told[one.id]}"
            for one in self.house.customers
            if told[one.id] != (one.funds - spent.get(one.id, Decimal(0)), Decimal(0))
        ]


def _ends(rows: list[Any]) -> str:
    found: dict[str, int] = {}
    for row in rows:
        if row.state != WithdrawalState.FINAL:
            found[row.state] = found.get(row.state, 0) + 1
    return ", ".join(f"{state} {count}" for state, count in sorted(found.items()))
