"""The submitters of the ledger's bench: each contender's own way of posting one transfer, in processes of their own.

A process connects, says that it is ready, and posts in a closed loop at every word of the bench. Contenders that answer one call at
a time run as threads, each with a connection; group commit runs as tasks of one loop, of the kind the API has.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from multiprocessing.connection import Connection
from uuid import UUID

import psycopg
import uvloop

from kernel import db
from kernel.errors import DomainError
from kernel.ids import SYSTEM, uuid7
from payments.chart import JournalIn, Line, capture_line, move
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import service as journal
from payments.journal.group import GroupCommit

RETRIED = ("40001", "40P01")
REPLAYED_KEYS = 1_000
SAMPLES = 4_000


@dataclass(frozen=True, slots=True)
class Spec:
    """What one process does: whose transfers, of which load, by how many submitters."""

    contender: str
    load: str
    address: str
    submitters: int
    tenant: UUID
    first: int
    last: int
    seed: int
    accounts: tuple[str, ...] = ()


@dataclass(slots=True)
class Done:
    """What one process did in one run."""

    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    batches: int = 0

    def add(self, answer: str, took: float) -> None:
        self.answers[answer] += 1
        if len(self.latencies) < SAMPLES:
            self.latencies.append(took)
        elif random.random() < 0.05:
            self.latencies[random.randrange(SAMPLES)] = took


def draw(spec: Spec, rng: random.Random) -> tuple[str, int, int, Decimal]:
    """Key, payer, payee and amount of the next transfer."""
    amount = Decimal(rng.randint(1, 500)) / 100
    payer, payee = rng.randint(spec.first, spec.last), rng.randint(spec.first, spec.last)
    if spec.load == "hot":
        payer, payee = rng.randint(spec.first + 1, spec.last), spec.first
    elif spec.load == "pingpong":
        payer, payee = rng.sample((spec.first, spec.first + 1), 2)
    elif spec.load == "replay":
        number = rng.randrange(REPLAYED_KEYS)
        return f"s/bench:again-{number}", spec.first + number, spec.first + REPLAYED_KEYS + number, Decimal(1)
    if payer == payee:
        payee = spec.first + (payee - spec.first + 1) % (spec.last - spec.first + 1)
    return f"s/bench:{uuid7()}", payer, payee, amount


Submit = Callable[[random.Random], str]


def d1f(spec: Spec) -> Submit:
    connection = psycopg.connect(spec.address, autocommit=True)
    statement = "SELECT d1f.transfer(%s, %s, %s, %s, %s)"

    def call(key: str, payer: int, payee: int, amount: Decimal) -> str:
        return connection.execute(statement, (key, payer, payee, amount, "transfer"), prepare=True).fetchone()[0]

    def submit(rng: random.Random) -> str:
        key, payer, payee, amount = draw(spec, rng)
        if spec.load != "hold":
            return call(key, payer, payee, amount)
        escrow = rng.randint(spec.first, spec.last)  # a hold here is a transfer into an account of its own
        if escrow in {payer, payee}:
            return "ok"
        call(key + ":hold", payer, escrow, amount)
        return call(key, escrow, payee, amount)

    return submit


def pgledger(spec: Spec) -> Submit:
    connection = psycopg.connect(spec.address, autocommit=True)
    statement = "SELECT id FROM pgledger_create_transfer(%s, %s, %s)"

    def submit(rng: random.Random) -> str:
        _, payer, payee, amount = draw(spec, rng)
        ids = spec.accounts
        connection.execute(
            statement, (ids[payer - spec.first], ids[payee - spec.first], amount), prepare=True
        ).fetchone()
        return "ok"

    return submit


_ONE = """SELECT status FROM payments.post_batch(false, ARRAY[%s]::uuid[], ARRAY[%s], ARRAY[%s]::bytea[], ARRAY['REAL'], ARRAY['transfer'],
    '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{"{}"}', '{1,1}', ARRAY[%s, %s]::bigint[], ARRAY[-%s::numeric, %s::numeric], '{0,0}',
    '{NULL,NULL}')"""


def function(spec: Spec) -> Submit:
    """The posting function alone, one transfer in one round trip, as the textbook function is called."""
    connection = psycopg.connect(spec.address, autocommit=True)
    connection.execute("SELECT set_config('app.tenant', %s, false)", (str(spec.tenant),))
    digest = bytes(32)

    def submit(rng: random.Random) -> str:
        key, payer, payee, amount = draw(spec, rng)
        values = (str(SYSTEM), key, digest, payer, payee, amount, amount)
        return connection.execute(_ONE, values, prepare=True).fetchone()[0]

    return submit


def use_case(spec: Spec) -> Submit:
    """A posting of its own through the service: transaction, tenant, fingerprint and retries included."""

    def submit(rng: random.Random) -> str:
        key, payer, payee, amount = draw(spec, rng)
        if spec.load == "hold":
            return _hold_and_capture(spec, key, payer, payee, amount)
        request = JournalIn(key=key, kind="transfer", lines=move(payer, payee, amount))
        return journal.post_batch(tenant=spec.tenant, journals=[request])[0].status

    return submit


def _hold_and_capture(spec: Spec, key: str, payer: int, payee: int, amount: Decimal) -> str:
    with db.transaction(tenant=spec.tenant) as tx:
        hold = holds.open_hold(tx, account_id=payer, amount=amount, kind=HoldKind.ORDER, reference="bench")
    with db.transaction(tenant=spec.tenant) as tx:
        taken = holds.capture(tx, hold_id=hold, amount=amount)
        lines = [capture_line(payer, amount, held_delta=taken.held_delta, hold_id=hold), Line(payee, amount)]
        journal.post(tx, [JournalIn(key=key, kind="trade", lines=lines)])
    return "ok"


THREADED: dict[str, Callable[[Spec], Submit]] = {
    "d1f": d1f,
    "pgledger": pgledger,
    "function": function,
    "service": use_case,
}


def run(spec: Spec, words: Connection) -> None:
    """The process: ready, then one run per number of seconds that arrives; None ends it."""
    if spec.contender in {"group", "service"}:
        db.configure(spec.address, pool_size=spec.submitters if spec.contender == "service" else 4)
    if spec.contender == "group":
        uvloop.run(_grouped(spec, words))
    else:
        _threaded(spec, words)
    os._exit(0)


def _threaded(spec: Spec, words: Connection) -> None:
    submits = [THREADED[spec.contender](spec) for _ in range(spec.submitters)]
    words.send("ready")
    while (seconds := words.recv()) is not None:
        done, lock, began = Done(), threading.Lock(), time.process_time()
        until = time.monotonic() + seconds

        def work(number: int, done: Done = done, lock: threading.Lock = lock, until: float = until) -> None:
            rng, mine = random.Random(f"{spec.seed}/{number}/{until}"), Done()
            while (start := time.monotonic()) < until:
                mine.add(_answer(submits[number], rng), time.monotonic() - start)
            with lock:
                done.answers.update(mine.answers)
                done.latencies.extend(mine.latencies)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(spec.submitters)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done.cpu_s = time.process_time() - began
        words.send(done)


def _answer(submit: Submit, rng: random.Random) -> str:
    try:
        return submit(rng)
    except DomainError as refused:
        return refused.code
    except psycopg.Error as error:
        return f"error {error.sqlstate}"


async def _grouped(spec: Spec, words: Connection) -> None:
    group = GroupCommit()
    await group.start()
    rng = random.Random(spec.seed)
    posted = journal.post_batch

    def counting(**arguments):
        done.batches += 1
        return posted(**arguments)

    journal.post_batch = counting
    words.send("ready")
    loop = asyncio.get_running_loop()
    while (seconds := await loop.run_in_executor(None, words.recv)) is not None:
        done, began = Done(), time.process_time()
        until = time.monotonic() + seconds
        await asyncio.gather(*(_task(spec, group, rng, until, done) for _ in range(spec.submitters)))
        done.cpu_s = time.process_time() - began
        words.send(done)
    await group.stop()


def _task(spec: Spec, group: GroupCommit, rng: random.Random, until: float, done: Done) -> Coroutine[None, None, None]:
    async def work() -> None:
        while (start := time.monotonic()) < until:
            key, payer, payee, amount = draw(spec, rng)
            try:
                answer = await group.submit(
                    spec.tenant, JournalIn(key=key, kind="transfer", lines=move(payer, payee, amount))
                )
                done.add(answer.status, time.monotonic() - start)
            except DomainError as refused:
                done.add(refused.code, time.monotonic() - start)

    return work()


def fold(address: str, words: Connection) -> None:
    """The folder beside the submitters, as the engine runs it; says which server process works for it."""
    with psycopg.connect(address, autocommit=True) as connection:
        words.send(connection.info.backend_pid)
        began = time.process_time()
        while not words.poll(0.1):
            if connection.execute("SELECT entries FROM payments.waiting(1)").fetchone()[0]:
                connection.execute("SELECT * FROM payments.fold(10000)")
    words.send(time.process_time() - began)
