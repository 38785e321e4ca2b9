"""Ten minutes of the ledger under pressure: late folds, random kills of folder, API and Postgres, and a checker that never stops looking.

Writers spend more than there is; every refusal must be right and every answer must last. In the end all keys are asked for again.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import httpx
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from kernel import clock, db, roles
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.settings import HOUSE_TENANT
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, move
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.invariants import INVARIANTS
from rivermouth.prove import postings
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Client, Stack, running
from rivermouth.prove.submitters import Submitters, Told

T = TypeVar("T")
WRITERS, HTTP_WRITERS, PING_PONG = 8, 4, 32
FOLD_INTERVAL_S = 5.0
DEADLOCK = "40P01"
PATIENCE_S = 180.0


@dataclass(slots=True)
class Soak:
    """The accounts, what was told to whom, and everything that must not happen."""

    stack: Stack
    told: Told
    customers: list[int]
    outside: int
    counts: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def until_told(self, step: Callable[[], T]) -> T:
        """Repeat a step until the database answers; what it refuses is an answer, a deadlock is trouble."""
        deadline = clock.monotonic() + PATIENCE_S
        while True:
            try:
                return step()
            except SQLAlchemyError as error:
                state = getattr(getattr(error, "orig", None), "sqlstate", None)
                self.counts["deadlocks"] += state == DEADLOCK
                self.counts["no answer"] += 1
                if clock.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def post(self, payer: int, payee: int, amount: Decimal, *, kind: str = "transfer") -> UUID:
        request = JournalIn(key=f"s/soak:{uuid7()}", kind=kind, lines=move(payer, payee, amount))

        def once() -> UUID:
            with db.transaction(tenant=self.told.tenant) as tx:
                return postings.post(tx, request)

        journal_id = self.until_told(once)
        self.told.remember(request, journal_id)
        return journal_id


def prove(*, seconds: int = 600, folder: Path | None = None, seed: int = 20261121) -> int:
    report = Report(
        "soak-ledger", "the ledger under pressure, late folds and kills", ("part", "seconds", "what", "result")
    )
    rng = random.Random(seed)
    minute = min(60.0, seconds / 5)
    with running(env={"RIVERMOUTH_FOLD_INTERVAL_S": str(FOLD_INTERVAL_S)}) as stack:
        report.notes.append(f"a fold every {FOLD_INTERVAL_S:g} s, so balances are late by up to that")
        db.configure(stack.urls()["app"], pool_size=PING_PONG + WRITERS)
        try:
            soak = _prepare(stack)
            _under_kills(soak, report, rng, seconds=seconds - 2 * minute)
            _ping_pong(soak, report, seconds=minute)
            _sixty_four(soak, report, rng, seconds=minute)
            _everything_again(soak, report)
        finally:
            db.dispose()
    return report.finish(folder)


def _prepare(stack: Stack) -> Soak:
    with db.transaction(tenant=HOUSE_TENANT) as tx:
        outside = accounts.house(tx, path="external.soak", asset="USDT", kind=AccountKind.EXTERNAL, normal_side="debit")
        customers = [accounts.customer(tx, customer_id=uuid7(), asset="USDT") for _ in range(6)]
    soak = Soak(stack, Told(HOUSE_TENANT), customers, outside)
    for customer in customers:
        soak.post(outside, customer, Decimal(20), kind="deposit")
    for name in ("retail", "retail2"):
        deposit = {"email": stack.client(name).email, "asset": "USDT", "amount": "50"}
        stack.admin.post("/v1/sandbox/deposits", deposit)
    return soak


# The soak ------------------------------------------------------------------------------------------------------------------------


def _under_kills(soak: Soak, report: Report, rng: random.Random, *, seconds: float) -> None:
    requests: dict[str, tuple[str, str, str]] = {}
    clients = [Client(soak.stack.base, soak.stack.client(n).email, timeout_s=20) for n in ("retail", "retail2") * 2]
    workers = [threading.Thread(target=_write, args=(soak, random.Random(rng.random()))) for _ in range(WRITERS)]
    workers += [
        threading.Thread(target=_write_over_http, args=(soak, client, random.Random(rng.random()), requests))
        for client in clients[:HTTP_WRITERS]
    ]
    workers.append(threading.Thread(target=_look, args=(soak, soak.stack.urls()["engine"])))
    for worker in workers:
        worker.start()
    killed = Counter[str]()
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        time.sleep(min(rng.uniform(1.0, 6.0), max(0.0, until - clock.monotonic())))
        what = rng.choice(("engine", "engine", "api", "postgres"))
        killed[what] += _killed(soak.stack, what)
    soak.stop.set()
    for worker in workers:
        worker.join()
    said = ", ".join(f"{name} {count}" for name, count in sorted(soak.counts.items()))
    kills = ", ".join(f"{name} {count}" for name, count in sorted(killed.items()))
    report.row("overspend pressure", f"{seconds:.0f}", f"killed: {kills}", said)
    report.row("checker in one snapshot", f"{seconds:.0f}", f"{soak.counts['checks']} looks", _list(soak.trouble))
    report.require(not soak.trouble, f"violations in flight: {_list(soak.trouble)}")
    spared = [name for name in ("engine", "api", "postgres") if not killed[name]]
    report.require(seconds < 120 or not spared, f"never killed: {', '.join(spared)}")
    report.require(soak.counts["fresh credit refused"] == 0, "a fresh credit could not be spent at once")
    report.require(soak.counts["deadlocks"] == 0, "a deadlock reached a caller")
    for name in ("paid", "captured", "insufficient_funds", "fresh credit spent", "http posted", "checks"):
        report.require(soak.counts[name] > 0, f"the soak never came to: {name}")
    wrong = _ask_again_over_http(clients, requests)
    report.row("HTTP keys asked again", "", f"{len(requests)} transfers", f"{len(wrong)} answered otherwise")
    report.require(not wrong, f"HTTP answers that did not last: {wrong[:3]}")


def _killed(stack: Stack, what: str) -> int:
    try:
        stack.kill(what)
    except (ProcessLookupError, KeyError):
        return 0
    time.sleep(0.3)  # long enough that readiness speaks of the new process
    stack.wait_ready(within_s=PATIENCE_S)
    return 1


def _write(soak: Soak, rng: random.Random) -> None:
    with db.transaction(tenant=soak.told.tenant) as tx:
        own = accounts.customer(tx, customer_id=uuid7(), asset="USDT")
    while not soak.stop.is_set():
        try:
            said = _step(soak, rng, own)
        except DomainError as refused:
            said = refused.code
        except SQLAlchemyError as error:  # not answered within minutes
            soak.trouble.append(f"a writer gave up: {type(error).__name__}")
            return
        soak.counts[said] += 1
        soak.stop.wait(0.02)


def _step(soak: Soak, rng: random.Random, own: int) -> str:
    payer, payee = rng.sample(soak.customers, 2)
    kind = rng.randrange(6)
    if kind == 0:
        soak.post(soak.outside, payer, Decimal(rng.randint(1, 4)), kind="deposit")
        return "credited"
    if kind == 1:
        amount = Decimal(rng.randint(1, 10**9)).scaleb(-6)
        soak.post(soak.outside, own, amount, kind="deposit")
        try:
            soak.post(own, soak.outside, amount)
        except DomainError:
            return "fresh credit refused"
        return "fresh credit spent"
    if kind <= 3:
        soak.post(payer, rng.choice([payee, soak.outside]), Decimal(rng.randint(1, 15 * 10**6)).scaleb(-6))
        return "paid"
    return _hold(soak, rng, payer, payee)


def _hold(soak: Soak, rng: random.Random, payer: int, payee: int) -> str:
    """Hold, then capture or void; a step without an answer is left to the sweep at the end, for a hold has no key."""
    amount = Decimal(rng.randint(2, 10))
    try:
        with db.transaction(tenant=soak.told.tenant) as tx:
            hold = holds.open_hold(tx, account_id=payer, amount=amount, kind=HoldKind.COLLATERAL, reference="soak")
        if rng.random() < 0.3:
            with db.transaction(tenant=soak.told.tenant) as tx:
                holds.void(tx, hold_id=hold)
            return "voided"
        with db.transaction(tenant=soak.told.tenant) as tx:
            postings.capture(
                tx, key=f"s/soak-capture:{hold}", hold_id=hold, payee=payee, amount=amount - 1, release_rest=True
            )
    except SQLAlchemyError as error:
        soak.counts["deadlocks"] += getattr(getattr(error, "orig", None), "sqlstate", None) == DEADLOCK
        return "no answer"
    return "captured"


def _write_over_http(soak: Soak, client: Client, rng: random.Random, requests: dict[str, tuple[str, str, str]]) -> None:
    other = "retail2" if client.email.startswith("retail@") else "retail"
    to = soak.stack.client(other).email
    while not soak.stop.is_set():
        key, amount = str(uuid7()), f"{rng.randint(0, 30)}.{rng.randint(1, 999999):06}"
        body = {"to": to, "asset": "USDT", "amount": amount, "memo": "soak"}
        answer = _answered(soak, client, key, body)
        if answer is None:
            continue
        if answer.is_success:
            requests[key] = (client.email, amount, answer.json()["id"])
            soak.counts["http posted"] += 1
        else:
            soak.counts[f"http {answer.json().get('code')}"] += 1
        soak.stop.wait(0.25)


def _answered(soak: Soak, client: Client, key: str, body: dict[str, str]) -> httpx.Response | None:
    """The answer to a request that is repeated with its key while the API is away; None when the soak ends without one."""
    while True:
        try:
            answer = client.call("POST", "/v1/transfers", body, headers={"Idempotency-Key": key})
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return answer
        except httpx.HTTPError:
            pass
        soak.counts["http no answer"] += 1
        if soak.stop.wait(0.2):
            return None


def _ask_again_over_http(clients: list[Client], requests: dict[str, tuple[str, str, str]]) -> list[str]:
    by_email = {client.email: client for client in clients}
    asked, wrong = list(requests.items()), list[str]()

    def ask() -> None:
        while asked:
            key, (email, amount, first) = asked.pop()
            other = next(e for e in by_email if e != email)
            body = {"to": other, "asset": "USDT", "amount": amount, "memo": "soak"}
            answer = by_email[email].call("POST", "/v1/transfers", body, headers={"Idempotency-Key": key})
            if not answer.is_success or answer.json()["id"] != first:
                wrong.append(f"{key}: {answer.status_code} {answer.text[:120]}")

    _together([threading.Thread(target=ask) for _ in range(HTTP_WRITERS)])
    return wrong


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _look(soak: Soak, engine_url: str) -> None:
    """All invariants in one snapshot, again and again; rests as long as it looked, so that it is no load of its own."""
    while not soak.stop.is_set():
        began = clock.monotonic()
        try:
            with psycopg.connect(roles.conninfo(engine_url)) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                connection.execute("SET LOCAL transaction_timeout = 0")
                for invariant in INVARIANTS:
                    row = connection.execute(invariant.sql.encode()).fetchone()
                    if row is None or row[0] != 0:
                        soak.trouble.append(invariant.name)
            soak.counts["checks"] += 1
        except psycopg.OperationalError:
            soak.counts["checker waited for Postgres"] += 1
        soak.stop.wait(max(0.5, clock.monotonic() - began))


# A and B, sixty-four submitters, and the end -----------------------------------------------------------------------------------------


def _ping_pong(soak: Soak, report: Report, *, seconds: float) -> None:
    """Two accounts pay each other from 32 connections without any retry: what a caller sees is what counts."""
    a, b = soak.customers[:2]
    for account in (a, b):
        soak.post(soak.outside, account, Decimal(100_000), kind="deposit")
    said, until = Counter[str](), clock.monotonic() + seconds

    def pay(number: int) -> None:
        while clock.monotonic() < until:
            payer, payee = (a, b) if number % 2 else (b, a)
            request = JournalIn(key=f"s/soak:{uuid7()}", kind="transfer", lines=move(payer, payee, Decimal(1)))
            try:
                with db.transaction(tenant=soak.told.tenant) as tx:
                    soak.told.remember(request, postings.post(tx, request))
                said["paid"] += 1
            except DomainError as refused:
                said[refused.code] += 1
            except SQLAlchemyError as error:
                said[str(getattr(getattr(error, "orig", None), "sqlstate", None))] += 1

    _together([threading.Thread(target=pay, args=(n,)) for n in range(PING_PONG)])
    text = ", ".join(f"{name} {count}" for name, count in sorted(said.items()))
    report.row("A↔B from 32 connections", f"{seconds:.0f}", text, f"{said[DEADLOCK]} deadlocks")
    report.require(set(said) == {"paid"}, f"A↔B: {text}")


def _sixty_four(soak: Soak, report: Report, rng: random.Random, *, seconds: float) -> None:
    """Postgres is killed with -9 while 64 submitters share its commits."""
    before, kills = len(soak.told.acknowledged), 0
    until = clock.monotonic() + seconds
    with Submitters(soak.told, payers=soak.customers, payees=[*soak.customers, soak.outside]) as submitters:
        while clock.monotonic() < until:
            report.require(submitters.wait_for(200, within_s=PATIENCE_S), "64 submitters: nothing was posted any more")
            time.sleep(rng.uniform(0.0, 2.0))
            os.kill(soak.stack.pids()["postgres"], signal.SIGKILL)
            kills += 1
            time.sleep(0.3)
            soak.stack.wait_ready(within_s=PATIENCE_S)
        submitters.wait_for(200, within_s=PATIENCE_S)
    lost = soak.told.lost(soak.stack.urls()["engine"])
    acknowledged = len(soak.told.acknowledged) - before
    report.row(
        "kill -9 of Postgres under 64",
        f"{seconds:.0f}",
        f"{kills} kills, {acknowledged} acknowledged",
        f"{len(lost)} lost",
    )
    report.require(kills > 0, "Postgres was never killed")
    report.require(not lost, f"acknowledged and lost: {lost[:3]}")


def _everything_again(soak: Soak, report: Report) -> None:
    wrong = soak.told.replay()
    report.row("all keys asked again", "", f"{len(soak.told.acknowledged)} keys", f"{len(wrong)} answered otherwise")
    report.require(not wrong, f"answers that did not last: {wrong[:3]}")
    _sweep_holds(soak)
    code, text = soak.stack.check()
    faults = "; ".join(line for line in text.splitlines() if not line.startswith("ok "))
    report.row("rivermouth check", "", "afterwards", "clean" if code == 0 else "BROKEN")
    report.require(code == 0, f"rivermouth check: {faults[:400]}")


def _sweep_holds(soak: Soak) -> None:
    """Holds whose opener never heard that they were open."""
    with db.transaction(tenant=soak.told.tenant) as tx:
        open_ones = tx.all("SELECT hold_id FROM payments.holds WHERE state = 'open' AND reference = 'soak' ORDER BY 1")
        for row in open_ones:
            holds.void(tx, hold_id=row.hold_id)


def _list(names: list[str]) -> str:
    return ", ".join(sorted(set(names))) or "0 violations"
