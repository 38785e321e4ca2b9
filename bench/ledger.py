"""The ledger beside its yardsticks in one run: the textbook row-locking function, raw COPY of the same rows, and peers a user points it at.

Each round runs every cell once, in shuffled order, on a fresh copy of its database; ratios are taken within a round, medians over rounds.
Submitters are tasks or threads of this machine without HTTP between them; an answer means a durable commit. After each cell the books
are checked. What misses its goal is printed with where the time goes.

    ./run bench ledger [--rounds 3] [--seconds 3] [--accounts 100000] [--filled 200000] [--only TEXT]
                       [--pgledger FILE] [--tigerbeetle ADDRESS]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import ledger_bulk, ledger_clients, ledger_peers, ledger_server
from bench.ledger_clients import Done, Spec
from bench.ledger_server import Server
from kernel import roles

PROCESS = multiprocessing.get_context("spawn")
OURS = {"group", "function", "service"}
GOOD = {"ok", "exists"}


@dataclass(frozen=True, slots=True)
class Cell:
    contender: str
    load: str
    submitters: int

    @property
    def name(self) -> str:
        return f"{self.contender} {self.load} {self.submitters}"


@dataclass(slots=True)
class Result:
    """One run of one cell."""

    rate: float
    cpu_us: float
    server_us: float
    client_us: float
    fold_us: float
    p50_ms: float
    p99_ms: float
    batch: float
    refused: int
    errors: int
    faults: list[str] = field(default_factory=list)


CELLS = (
    *(Cell("group", load, 64) for load in ("uniform", "hot", "pingpong", "replay")),
    *(Cell("d1f", load, 64) for load in ("uniform", "hot", "pingpong", "replay")),
    *(Cell("pgledger", load, 64) for load in ("uniform", "hot", "pingpong")),
    *(Cell(contender, load, 16) for contender in ("function", "d1f", "pgledger") for load in ("uniform", "hot")),
    *(Cell("service", load, 16) for load in ("uniform", "hold")),
    Cell("d1f", "hold", 16),
)


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` of one cell over that of another must reach `least`, or stay within `most`."""

    what: str
    figure: str
    cell: Cell
    beside: Cell
    least: float | None = None
    most: float | None = None


def _goals() -> tuple[Goal, ...]:
    def cell(contender: str, load: str, n: int = 64) -> Cell:
        return Cell(contender, load, n)

    group, hot, plain = cell("group", "uniform"), cell("group", "hot"), cell("d1f", "uniform")
    one, peer = cell("function", "uniform", 16), cell("pgledger", "uniform")
    return (
        Goal("group commit at 64, uniform, beside the textbook", "rate", group, plain, least=1.2),
        Goal("… beside pgledger", "rate", group, peer, least=4),
        Goal("group commit at 64, one hot payee, beside the textbook", "rate", hot, cell("d1f", "hot"), least=8),
        Goal("… beside pgledger", "rate", hot, cell("pgledger", "hot"), least=15),
        Goal("hot beside uniform", "rate", hot, group, least=0.9),
        Goal("batch of one at 16, beside the textbook", "rate", one, cell("d1f", "uniform", 16), least=0.4),
        Goal("… beside pgledger", "rate", one, cell("pgledger", "uniform", 16), least=1),
        Goal(
            "… one hot payee, beside pgledger",
            "rate",
            cell("function", "hot", 16),
            cell("pgledger", "hot", 16),
            least=4,
        ),
        Goal("p99 at 64, beside the textbook", "p99_ms", group, plain, most=1),
        Goal("… beside pgledger", "p99_ms", group, peer, most=0.2),
        Goal("CPU per transfer at 64, beside the textbook", "cpu_us", group, plain, most=1 / 3),
        Goal("… beside pgledger", "cpu_us", group, peer, most=0.1),
    )


GOALS = _goals()
Round = dict[Cell, Result]


@contextmanager
def _submitters(server: Server, cell: Cell, database: str, seed: int):
    """Client processes of a cell, connected; the group is one process, threads are shared by two."""
    processes = 1 if cell.contender == "group" else 2
    address = server.address(database, roles.APP)
    if cell.contender not in {"group", "service"}:
        address = roles.conninfo(server.address(database, roles.APP if cell.contender in OURS else "postgres"))
    pipes = []
    with ExitStack() as stack:
        for number in range(processes):
            spec = Spec(
                cell.contender, cell.load, address, cell.submitters // processes, server.tenant, server.first, server.last,
                seed + number, server.pgledger_accounts() if cell.contender == "pgledger" else (),
            )  # fmt: skip
            here, there = PROCESS.Pipe()
            process = PROCESS.Process(target=ledger_clients.run, args=(spec, there), daemon=True)
            process.start()
            stack.callback(process.join, 20)
            stack.callback(here.send, None)
            pipes.append(here)
        for pipe in pipes:
            assert pipe.poll(60), f"{cell.name}: a client did not start"
            pipe.recv()
        yield pipes


@contextmanager
def _folder(server: Server, database: str):
    here, there = PROCESS.Pipe()
    address = roles.conninfo(server.address(database, roles.ENGINE))
    process = PROCESS.Process(target=ledger_clients.fold, args=(address, there), daemon=True)
    process.start()
    assert here.poll(60), "the folder did not start"
    try:
        yield here.recv()
    finally:
        here.send(None)
        here.recv()
        process.join(20)


def _run(server: Server, pipes, seconds: float, folder: int | None) -> Result:
    """One measured run of clients that are connected already."""
    before, folded = server.cpu_s(), server.cpu_of(folder) if folder else 0.0
    for pipe in pipes:
        pipe.send(seconds)
    done = [pipe.recv() for pipe in pipes]
    assert all(isinstance(d, Done) for d in done)
    server_s, folded = server.cpu_s() - before, (server.cpu_of(folder) if folder else 0.0) - folded
    answers = sum((d.answers for d in done), Counter())
    good = sum(answers[a] for a in GOOD) or 1
    client_s = sum(d.cpu_s for d in done)
    errors = sum(n for a, n in answers.items() if a.startswith("error"))
    took = sorted(t for d in done for t in d.latencies) or [0.0]
    batches = sum(d.batches for d in done)
    micro = 1e6 / good
    return Result(
        good / seconds, (server_s + client_s) * micro, (server_s - folded) * micro, client_s * micro, folded * micro,
        took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3, good / batches if batches else 1.0,
        answers.total() - good - errors, errors,
    )  # fmt: skip


def measure(server: Server, cell: Cell, seconds: float, seed: int) -> Result:
    template = "ours" if cell.contender in OURS else cell.contender
    with server.fresh(template) as database:
        with ExitStack() as stack:
            folder = stack.enter_context(_folder(server, database)) if cell.contender in OURS else None
            pipes = stack.enter_context(_submitters(server, cell, database, seed))
            _run(server, pipes, 0.7, folder)  # warm: plans, caches
            result = _run(server, pipes, seconds, folder)
        result.faults = server.faults(cell.contender, database)
        return result


def filled(server: Server, seconds: float, journals: int) -> tuple[Result, Result]:
    """Connect while the ledger is almost empty, load it, and measure again on the same connections: plans must not go stale."""
    cell = Cell("group", "uniform", 64)
    with server.fresh("ours") as database:
        with _folder(server, database) as folder, _submitters(server, cell, database, 1) as pipes:
            _run(server, pipes, 0.7, folder)
            empty = _run(server, pipes, seconds, folder)
            ledger_bulk.load(server, database, journals)
            full = _run(server, pipes, seconds, folder)
        full.faults = server.faults("group", database)
        return empty, full


def _cpu_steal() -> tuple[int, int]:
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields[:8]), fields[7]


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments or [])
    total, steal = _cpu_steal()
    with ledger_server.running(options.accounts, options.pgledger) as server:
        print(
            f"ledger: {options.rounds} rounds of {options.seconds:g} s a cell, {options.accounts} accounts, load {os.getloadavg()[0]:.1f}"
        )
        cells = [c for c in CELLS if (options.pgledger or c.contender != "pgledger") and options.only in c.name]
        rounds: list[Round] = []
        for number in range(options.rounds):
            rounds.append({})
            for cell in random.sample(cells, len(cells)):
                rounds[-1][cell] = measure(server, cell, options.seconds, 1000 * number)
                print(f"  round {number + 1}: {cell.name:24} {rounds[-1][cell].rate:8.0f}/s", flush=True)
        code = _report(cells, rounds)
        if not options.only:
            code |= _report_filled(*filled(server, options.seconds, options.filled))
            code |= ledger_bulk.report(server, options.rounds, with_pgledger=bool(options.pgledger))
        if not options.only:
            ledger_peers.report(server, options.tigerbeetle, options.seconds)
    now, stolen = _cpu_steal()
    print(f"load now {os.getloadavg()[0]:.1f}, stolen CPU {(stolen - steal) / max(1, now - total):.0%} over the run")
    return code


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench ledger")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--filled", type=int, default=200_000)
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--pgledger", type=Path, help="pgledger.sql of the peer")
    parser.add_argument("--tigerbeetle", help="address of a running TigerBeetle")
    return parser.parse_args(arguments)


def _median(rounds: list[Round], cell: Cell, figure: str) -> float:
    return statistics.median(getattr(r[cell], figure) for r in rounds)


def _report(cells: list[Cell], rounds: list[Round]) -> int:
    heads = ("per s", "min–max", "CPU µs", "server", "client", "fold", "batch", "p50 ms", "p99 ms", "refused", "errors")
    print(f"\n{'cell':26}" + "".join(f"{h:>13}" if h == "min–max" else f"{h:>9}" for h in heads))
    broken = False
    for cell in cells:
        runs = [r[cell] for r in rounds]
        rates = [r.rate for r in runs]
        figures = [
            _median(rounds, cell, f)
            for f in ("cpu_us", "server_us", "client_us", "fold_us", "batch", "p50_ms", "p99_ms")
        ]
        print(
            f"{cell.name:26}{statistics.median(rates):9.0f}{f'{min(rates):.0f}–{max(rates):.0f}':>13}"
            + "".join(f"{figure:9.1f}" for figure in figures)
            + f"{sum(r.refused for r in runs):9}{sum(r.errors for r in runs):9}"
        )
        for fault in sorted({f for r in runs for f in r.faults}):
            print(f"    BOOKS BROKEN: {fault}")
            broken = True
    print("  books checked after every cell; ratios below are medians of the ratios within a round")
    for goal in GOALS:
        if goal.cell in cells and goal.beside in cells:
            _judge(goal, rounds)
    return int(broken)


def _judge(goal: Goal, rounds: list[Round]) -> None:
    ratios = [getattr(r[goal.cell], goal.figure) / getattr(r[goal.beside], goal.figure) for r in rounds]
    ratio = statistics.median(ratios)
    held = ratio >= goal.least if goal.least is not None else ratio <= (goal.most or 0)
    wanted = f"≥ {goal.least:g}" if goal.least is not None else f"≤ {goal.most:.2g}"
    print(
        f"  {'held' if held else 'MISSED':7} {goal.what:58} {ratio:7.2f} (goal {wanted}; {min(ratios):.2f}–{max(ratios):.2f})"
    )
    if not held:
        server, client, fold, batch = (
            _median(rounds, goal.cell, f) for f in ("server_us", "client_us", "fold_us", "batch")
        )
        print(
            f"          where it goes: server {server:.0f} µs, client {client:.0f} µs, fold {fold:.0f} µs a transfer, {batch:.0f} a batch"
        )


def _report_filled(empty: Result, full: Result) -> int:
    ratio, cpu = full.rate / empty.rate, full.cpu_us / empty.cpu_us
    print(
        f"\nconnected before the load, measured before and after it: {empty.rate:.0f}/s, then {full.rate:.0f}/s"
        f" ({ratio:.2f}); CPU {empty.cpu_us:.0f} µs, then {full.cpu_us:.0f} µs ({cpu:.2f})"
    )
    for fault in full.faults:
        print(f"    BOOKS BROKEN: {fault}")
    return int(bool(full.faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
