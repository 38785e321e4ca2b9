"""Every order of the steps of a few short scripts, each on a connection of its own.

A step that has to wait for a lock is left waiting, its script's later steps queue behind it, and the others go on: that is what real
connections do. Short scripts are tried in all orders, so a race is found because it exists, not because of luck.
"""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import psycopg

from kernel import roles

PATIENCE_S = 60


def orders(lengths):
    """All orders of the steps: a script appears once per step, and its own steps stay in their order."""
    steps = [script for script, length in enumerate(lengths) for _ in range(length)]
    return sorted(set(itertools.permutations(steps)))


def play(database, scripts, order):
    """Run the scripts in one order; returns what each step said, per script. A database error is an answer like any other."""
    with ExitStack() as stack:
        watcher = stack.enter_context(psycopg.connect(roles.conninfo(database.superuser), autocommit=True))
        actors = [stack.enter_context(_Actor(roles.conninfo(url))) for url, _ in scripts]
        turns = [iter(steps) for _, steps in scripts]
        for script in order:
            actors[script].give(next(turns[script]))
            actors[script].settle(watcher)
        return [actor.answers() for actor in actors]


class _Actor:
    def __init__(self, address):
        self.connection = psycopg.connect(address)
        self.pool = ThreadPoolExecutor(1)
        self.given = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown(wait=True)
        self.connection.close()

    def give(self, step):
        self.given.append(self.pool.submit(self._do, step))

    def _do(self, step):
        try:
            return step(self.connection)
        except psycopg.Error as error:
            self.connection.rollback()
            return error

    def settle(self, watcher):
        """Until the step is done or stands before a lock."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.given[-1].done():
            assert time.monotonic() < deadline, "a step neither ended nor waits for a lock"
            if waits_for_a_lock(watcher, self.connection.info.backend_pid):
                return
            wait(self.given, timeout=0.002)

    def answers(self):
        return [future.result(PATIENCE_S) for future in self.given]


def waits_for_a_lock(watcher, pid):
    found = watcher.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", (pid,)).fetchone()
    return bool(found and found[0])


def commit(connection):
    connection.commit()
