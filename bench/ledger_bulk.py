"""Bulk: one account pays 100,000 others, beside raw COPY of the very same rows into the same indexes, and the peer's own batches."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from decimal import Decimal

import psycopg

from bench.ledger_server import Server
from kernel import db, roles
from kernel.ids import uuid7
from payments.chart import JournalIn, move
from payments.journal import bulk
from payments.journal import service as journal

PAYEES, CHUNK, PEER_CHUNK = 100_000, 8_192, 1_000
TABLES = ("journal_keys", "journals", "entries")


def load(server: Server, database: str, journals: int) -> float:
    """Post that many transfers between random accounts, in large batches; returns the seconds it took."""
    rng = random.Random(7)
    return _post(server, database, journals, lambda _: rng.sample(range(server.first, server.last + 1), 2))


def _post(server: Server, database: str, journals: int, pair, amount: Decimal = Decimal("0.01")) -> float:
    db.configure(server.address(database, roles.APP), pool_size=1)
    try:
        took = 0.0
        for start in range(0, journals, CHUNK):
            batch = [
                JournalIn(key=f"s/payout:{uuid7()}", kind="payout", lines=move(*pair(n), amount))
                for n in range(start, min(start + CHUNK, journals))
            ]
            began = time.monotonic()
            answers = journal.post_batch(tenant=server.tenant, journals=batch)
            took += time.monotonic() - began
            assert all(a.status == "ok" for a in answers), "a bulk item was refused"
        return took
    finally:
        db.dispose()


def _payees(server: Server, n: int) -> tuple[int, int]:
    return server.first, server.first + 1 + n % (server.accounts - 1)


def _rows(server: Server, database: str) -> Iterator[dict[str, bytes]]:
    """The rows that the last bulk wrote, in batches of CHUNK journals, as COPY takes them."""
    with server.connect(database) as connection:
        ids = [
            row[0]
            for row in connection.execute("SELECT journal_id FROM payments.journals WHERE kind = 'payout' ORDER BY 1")
        ]
        for start in range(0, len(ids), CHUNK):
            first, last = ids[start], ids[min(start + CHUNK, len(ids)) - 1]
            chunk = {}
            for table in TABLES:
                query = f"COPY (SELECT * FROM payments.{table} WHERE journal_id BETWEEN '{first}' AND '{last}') TO STDOUT (FORMAT binary)"
                with connection.cursor().copy(query) as copy:
                    chunk[table] = b"".join(copy)
            yield chunk


def _copy(server: Server, database: str) -> float:
    """The same rows by COPY into tables of the same columns, checks and indexes; returns the seconds it took."""
    chunks = list(_rows(server, database))
    with psycopg.connect(roles.conninfo(server.address(database, "postgres"))) as connection:
        connection.execute("CREATE SCHEMA copied")
        for table in TABLES:
            connection.execute(f"CREATE TABLE copied.{table} (LIKE payments.{table} INCLUDING ALL)")
        connection.commit()
        began = time.monotonic()
        for chunk in chunks:
            for table in TABLES:
                with connection.cursor().copy(f"COPY copied.{table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(chunk[table])
            connection.commit()
        return time.monotonic() - began


def _pgledger(server: Server, journals: int) -> float:
    ids = server.pgledger_accounts()
    with server.fresh("pgledger") as database, server.connect(database) as connection:
        began = time.monotonic()
        for start in range(0, journals, PEER_CHUNK):
            payees = [ids[1 + n % (len(ids) - 1)] for n in range(start, min(start + PEER_CHUNK, journals))]
            connection.execute(
                """SELECT count(*) FROM pgledger_create_transfers(
                       ARRAY(SELECT row(%s, payee, 0.01)::transfer_request FROM unnest(%s::text[]) payee))""",
                (ids[0], payees),
            )
        return time.monotonic() - began


def _stage(server: Server, database: str) -> float:
    """The same pay-out through the bulk door; the making of the requests is taken out, as it is for the batches."""
    requests = [
        JournalIn(key=f"s/payout:{uuid7()}", kind="payout", lines=move(*_payees(server, n), Decimal("0.01")))
        for n in range(PAYEES)
    ]
    db.configure(server.address(database, roles.APP), pool_size=1)
    try:
        began = time.monotonic()
        done = bulk.post_bulk(server.tenant, requests)
        took = time.monotonic() - began
        assert done.posted == PAYEES, done.refused[:3]
        return took
    finally:
        db.dispose()


def report(server: Server, rounds: int, *, with_pgledger: bool) -> int:
    copied, peer, stage, broken = [], [], [], []
    rates = []
    for _ in range(rounds):
        with server.fresh("ours") as database:
            ours = _post(server, database, PAYEES, lambda n: _payees(server, n))
            copied.append(_copy(server, database) / ours)
            rates.append(PAYEES / ours)
            broken += server.faults("group", database)
        with server.fresh("ours") as database:
            stage.append(copied[-1] * ours / _stage(server, database))
            broken += server.faults("group", database)
        if with_pgledger:
            peer.append(_pgledger(server, PAYEES // 20) * 20 / ours)
    print(f"\nbulk, one account to {PAYEES}: {statistics.median(rates):.0f} transfers/s in batches of {CHUNK}")
    _judge("beside raw COPY of the same rows into the same indexes", copied, 0.15)
    _judge("through the stage, beside raw COPY", stage, 0.3)
    if peer:
        _judge("beside pgledger's batches of 1,000", peer, 3)
    for fault in sorted(set(broken)):
        print(f"    BOOKS BROKEN: {fault}")
    return int(bool(broken))


def _judge(what: str, ratios: list[float], least: float) -> None:
    ratio = statistics.median(ratios)
    print(
        f"  {'held' if ratio >= least else 'MISSED':7} {what:58} {ratio:7.2f} (goal ≥ {least:g}; {min(ratios):.2f}–{max(ratios):.2f})"
    )
