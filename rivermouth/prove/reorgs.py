"""Reorganisations of every depth up to twice where a deposit is final, while deposits stand in every state; then hostile webhooks.

A node, a custodian, an engine and an API, each a process of its own, the custodian killed in between. After each reorganisation the books
are compared with what an oracle reads from the chain: nothing is credited twice, nothing is lost, nothing is stuck.
"""

from __future__ import annotations

import math
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql

from kernel import clock, log, roles
from kernel.embedded import SUPERUSER
from kernel.ids import uuid7
from rivermouth import checks, ports
from rivermouth.prove.own_servers import own_servers
from rivermouth.prove.reorg_chain import COIN, SHIFTY, ChangingChain, Output, Want
from rivermouth.prove.reorg_desk import Depths, Desk, Parts, become, opened
from rivermouth.prove.reorg_hooks import Hostile
from rivermouth.prove.reorg_oracle import Oracle
from rivermouth.prove.report import Report
from wallet_bridge.custodian import localnet
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.localnet import Anvil

COLUMNS = ("what", "count", "what came of it")
DEPTHS = Depths(credit=2, final=6)
STATES = ("seen", "confirming", "credited", "final", "held", "suspense", "below_minimum", "reversed", "orphaned")
_WEI = 10**18
_MOST = 5  # payments that a round begins
_GONE = ("orphaned", "reversed")


@dataclass(frozen=True, slots=True)
class Size:
    reorgs: int
    hooks: int
    depths: Depths = DEPTHS
    seconds: float = math.inf  # no further reorganisation is begun after so long; the report says how many there were


def prove(
    *,
    reorgs: int = 300,
    hooks: int | None = None,
    folder: Path | None = None,
    seed: int = 20261122,
    seconds: float = math.inf,
) -> int:
    report = Report("reorgs", "chains that change their mind, and hostile webhooks", COLUMNS)
    log.configure("prove", "CRITICAL")  # what dies here is no news
    with own_servers() as (database, valkey), tempfile.TemporaryDirectory(prefix="rm-reorgs-") as name:
        with psycopg.connect(roles.conninfo(database.replace(roles.OWNER, SUPERUSER)), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE custody OWNER {}").format(sql.Identifier(roles.OWNER))
            connection.execute(statement)
        anvil = Anvil(localnet.ensure(print), ports.free(), Path(name) / "anvil.log")
        node = anvil.spawn()
        try:
            while not anvil.ready():
                time.sleep(0.05)
            parts = Parts(database, valkey, database.replace("/proof?", "/custody?"), anvil, Path(name))
            play(
                parts,
                report,
                size=Size(reorgs, reorgs * 5_000 // 300 if hooks is None else hooks, seconds=seconds),
                rng=random.Random(seed),
            )
        finally:
            node.kill()
            node.wait(30)
    return report.finish(folder)


def play(
    parts: Parts,
    report: Report,
    *,
    size: Size,
    rng: random.Random,
    inspect: Callable[[Oracle], None] | None = None,
) -> None:
    """Everything on databases, a Valkey and a node that run. `inspect` tries the oracle at the end, for tests."""
    contracts = {asset: to_checksum_address(rng.randbytes(20)) for asset in ("USDT", SHIFTY)}
    chain = ChangingChain(parts.anvil, rng, contracts, senders=size.reorgs * _MOST + 150)
    desk = Desk(parts, size.depths, uuid7(), contracts)
    desk.write_networks(chain)
    with opened(desk):
        proof = _Proof(desk, chain, Oracle(desk, chain), report, size, rng)
        proof.set_up()
        until = clock.monotonic() + size.seconds
        for number in range(size.reorgs):
            if clock.monotonic() < until:
                proof.round(number)
        proof.settle()
        Hostile(desk, chain, report, rng).send(size.hooks, meanwhile=proof.live)
        proof.settle()
        proof.end()
        if inspect is not None:
            inspect(proof.oracle)


@dataclass(slots=True)
class _Proof:
    desk: Desk
    chain: ChangingChain
    oracle: Oracle
    report: Report
    size: Size
    rng: random.Random
    hot: str = ""
    touched: dict[str, Counter[str]] = field(default_factory=lambda: {state: Counter() for state in STATES})
    depths: Counter[int] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)
    wishes: dict[UUID, tuple[str, Decimal]] = field(default_factory=dict)
    unblocked: int = 0
    wrong: int = 0
    told: Counter[str] = field(default_factory=Counter)

    def set_up(self) -> None:
        """The hot wallet has money, deeper than any reorganisation goes."""
        self.hot = self.desk.hot()
        self.chain.anvil.ask("anvil_setBalance", self.hot, hex(100 * _WEI))
        self.chain.tokens["USDT"].hold(self.hot, 10**12)
        for _ in range(2 * self.size.depths.final + 1):
            self.chain.add([])
        self.desk.heard_all(self.chain)

    # A round -------------------------------------------------------------------------------------------------------------------------

    def round(self, number: int) -> None:
        """Payments come, some are spent, and then as many blocks as may be are replaced."""
        self.live()
        if number % 10 == 3:
            self._withdraw()
        hurried = self.rng.random() < 0.15  # nobody has read the blocks that go
        if not hurried:
            self.desk.heard_all(self.chain)
            self._spend()
        depth = (
            1 + number // 2 % (2 * self.size.depths.final)
            if number % 2
            else self.rng.randint(1, 2 * self.size.depths.final)
        )
        self._reorganise(depth, hurried=hurried)
        self._compare(f"after reorganisation {number + 1} of depth {depth}")

    def live(self) -> None:
        """A block or some, each with what people pay."""
        left = _MOST
        for _ in range(self.rng.randint(1, 3)):
            wants = [self._want() for _ in range(self.rng.randint(0, min(2, left, self.chain.strangers.left)))]
            left -= len(wants)
            self.chain.add([self.chain.strangers.pay(want) for want in wants])

    def _want(self) -> Want:
        person = self.rng.choice(self.desk.people)
        asset = self.rng.choice([COIN, "USDT", "USDT", SHIFTY])
        often = self.rng.choice([1, 1, 3]) if asset != COIN else 1
        if self.rng.random() < 0.12:  # dust
            units = self.rng.randint(10**8, 10**15) if asset == COIN else self.rng.randint(100, 900_000)
        elif asset == COIN:
            units = self.rng.randint(10**16, 5 * _WEI)
        else:
            units = self.rng.choice([self.rng.randint(10**6, 10**10), 150_000 * 10**6 + self.rng.randint(0, 10**6)])
        return Want(asset, person.address, units, often)

    def _spend(self) -> None:
        for person in self.desk.people:
            if person.kind == "spender" and self.rng.random() < 0.5:
                for asset in (COIN, "USDT", SHIFTY):
                    self.desk.spend(person, asset, self.rng.choice([Decimal("0.5"), Decimal(1)]))

    def _withdraw(self) -> None:
        to, amount = to_checksum_address(self.rng.randbytes(20)), Decimal(self.rng.randint(10, 200))
        made = self.desk.withdraw(amount, to)
        self.wishes[made] = (to.lower(), amount)
        states = ("broadcast", "confirming", "final")
        self.desk.wait_for(
            lambda: self.desk.rows("SELECT state FROM wallet_bridge.withdrawals WHERE id = %s", made)[0][0] in states,
            "a payment to be sent",
        )
        for _ in range(self.rng.randint(1, self.size.depths.final + 1)):
            self.chain.add([])

    # A reorganisation ----------------------------------------------------------------------------------------------------------------

    def _reorganise(self, depth: int, *, hurried: bool) -> None:
        before = self.oracle.to_our_addresses()
        tip, states = self.chain.tip(), self._states()
        leaving = {key: one for key, one in before.items() if one.height > tip - depth}
        paid = {one.to for one in self.chain.outputs().values() if one.height > tip - depth}
        blocks = self._branch(leaving, depth)
        self._replace(blocks, killing=self.rng.random() < 0.08)
        self.unblocked += len(paid & {to for to, _ in self.wishes.values()})
        self.depths[depth] += 1
        after = self.oracle.to_our_addresses()
        for key, one in leaving.items():
            self.touched["seen" if hurried and key not in states else states.get(key, "seen")][
                self._fate(one, after)
            ] += 1
        for key in after.keys() - before.keys():
            if states.get(key) in _GONE:
                self.touched[states[key]]["came back"] += 1

    def _states(self) -> dict[tuple[str, int], str]:
        rows = self.desk.rows(
            "SELECT txid, output, status FROM wallet_bridge.deposits WHERE tenant_id = %s", self.desk.tenant
        )
        return {(txid, output): status for txid, output, status in rows}

    def _branch(self, leaving: dict[tuple[str, int], Output], depth: int) -> list[list[str]]:
        """What the new blocks have: of what leaves, some again, some something else of the same sender; and what left before."""
        blocks: list[list[str]] = [[] for _ in range(depth)]
        chosen, earlier = [], self.late
        self.late = [txid for txid in earlier if self.rng.random() < 0.6]
        chosen += [txid for txid in earlier if txid not in self.late]
        for txid in sorted({one.txid for one in leaving.values()}):
            dice = self.rng.random()
            if dice < 0.45:
                chosen.append(txid)
            elif dice < 0.65:
                chosen.append(self._replacement(txid))
            elif dice < 0.85:
                self.late.append(txid)
        self.rng.shuffle(chosen)
        for txid in chosen:
            self.rng.choice(blocks).append(txid)
        return blocks

    def _replacement(self, txid: str) -> str:
        """The same sender's nonce, spent by another transaction: a new one, or one that stood here in an earlier branch."""
        sender = self.chain.strangers.of_txid[txid]
        others = [known for known in sender.choices if known != txid]
        return (
            self.rng.choice(others)
            if others and self.rng.random() < 0.5
            else self.chain.strangers.pay(self._want(), sender)
        )

    def _replace(self, blocks: list[list[str]], *, killing: bool) -> None:
        if self.rng.random() < 0.4:
            self.chain.replace_at_once(blocks)
            if killing:
                self._kill()
        else:
            fee = self.rng.choice([None, 0, 10])
            middle = self.rng.randrange(len(blocks))
            for number, _ in enumerate(self.chain.replace_one_by_one(blocks, fee=fee)):
                time.sleep(
                    self.rng.choice([0, 0, 0.15])
                )  # the custodian may look at a chain that has only begun to grow again
                if killing and number == middle:
                    self._kill()
        for _ in range(self.rng.randint(0, 2)):
            self.chain.add([])

    def _kill(self) -> None:
        name = self.rng.choice(["custodian", "custodian", "engine"])
        self.desk.kill(name)
        self.killed[name] += 1

    def _fate(self, one: Output, after: dict[tuple[str, int], Output]) -> str:
        again = after.get((one.txid, one.output))
        if again is not None:
            return "in another block" if again.amount == one.amount else "with another amount"
        others = {txid for txid, _ in self.chain.outputs()} & self.chain.strangers.of_txid[one.txid].choices.keys()
        return "replaced" if others else "vanished"

    # Looking -------------------------------------------------------------------------------------------------------------------------

    def _compare(self, when: str) -> None:
        self.desk.heard_all(self.chain)
        problems = self.oracle.problems()
        self.wrong += bool(problems)
        for problem in problems[:3] if self.wrong <= 5 else ():
            print(f"{when}: {problem}", flush=True)

    def settle(self) -> None:
        """Blocks come until everything is final, deposits and withdrawals alike."""

        def ended() -> bool:
            self.chain.add([])
            self.desk.heard_all(self.chain)
            [(open_ones,)] = self.desk.rows("SELECT count(*) FROM wallet_bridge.withdrawals WHERE state <> 'final'")
            return open_ones == 0 and not self._missing()

        for _ in range(2 * self.size.depths.final):
            self.chain.add([])
        self.desk.wait_for(ended, "withdrawals to be final")
        for _ in range(self.size.depths.final):  # what was shown to the node again may have been in the last of these
            self.chain.add([])
        self._compare("at the end")

    def _missing(self) -> set[str]:
        """Withdrawals that are final and that a deep reorganisation has taken out of the chain."""
        there = {one.to for one in self.chain.outputs().values()}
        return {to for to, _ in self.wishes.values()} - there

    def end(self) -> None:
        problems = [*self.oracle.problems(), *self.oracle.on_the_chain(self.hot), *self.oracle.payments(self.wishes)]
        become(self.desk, roles.ENGINE)
        broken = {result.name: result.count for result in checks.check_all() if not result.ok}
        [(head,)] = self.desk.keepers("SELECT count(*) FROM custody.events")
        [(seq,)] = self.desk.rows("SELECT seq FROM wallet_bridge.cursors")
        self._write(seq)
        require = self.report.require
        require(
            self.wrong == 0, f"after every reorganisation the books are as the chain: {self.wrong} times they were not"
        )
        require(not problems, f"at the end the books are as the chain: {problems[:3]}")
        require(not broken, f"every invariant holds: {broken}")
        require(head == seq, f"each of {head} events was applied once: the cursor stands at {seq}")
        if self.size.reorgs >= 100:
            missing = [state for state in STATES if not self.touched[state]]
            require(not missing, f"deposits in every state were hit: not {missing}")
            depths = set(range(1, 2 * self.size.depths.final + 1)) - self.depths.keys()
            require(not depths, f"every depth to twice the final one: not {sorted(depths)}")
            require(self.unblocked > 0, "withdrawals were taken out of blocks")

    def _write(self, seq: int) -> None:
        row, note = self.report.row, self.report.notes.append
        final = self.size.depths.final
        note(
            f"credited at {self.size.depths.credit} confirmations, twice that where it is large or has no price; final at N = {final}"
        )
        note(
            f"{os.cpu_count()} processors; kill -9 in the middle of reorganisations: {dict(sorted(self.killed.items())) or 'none'}"
        )
        row(
            "reorganisations",
            self.depths.total(),
            "depth × how often: " + ", ".join(f"{d} × {n}" for d, n in sorted(self.depths.items())),
        )
        for state in STATES:
            came = ", ".join(f"{count} {fate}" for fate, count in sorted(self.touched[state].items()))
            row(f"deposits hit while {state}", self.touched[state].total(), came)
        statuses = self.desk.rows(
            "SELECT status, count(*) FROM wallet_bridge.deposits WHERE tenant_id = %s GROUP BY 1 ORDER BY 1",
            self.desk.tenant,
        )
        row(
            "deposits at the end",
            sum(count for _, count in statuses),
            ", ".join(f"{count} {status}" for status, count in statuses),
        )
        [(mirrors, shut)] = self.desk.rows(
            """SELECT (SELECT count(*) FROM payments.journals WHERE kind = 'deposit_reversed' AND tenant_id = %s),
                      (SELECT count(*) FROM kernel.outbox WHERE topic = 'wallet.deposit_spent.v1' AND tenant_id = %s)""",
            self.desk.tenant, self.desk.tenant,
        )  # fmt: skip
        row("credits taken back", mirrors, f"{shut} of them spent already: owed, accounts shut")
        row("withdrawals", len(self.wishes), f"taken out of a block {self.unblocked} times, each paid once")
        row(
            "events of the custodian",
            seq,
            f"books unlike the chain after {self.wrong} reorganisations; stuck: none"
            if not self.wrong
            else f"books unlike the chain {self.wrong} times",
        )
