"""The database under the ledger's bench: a durable server of its own, one filled template per contender, and the CPU it takes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

from kernel import roles
from kernel.embedded import Postgres, socket_directory
from kernel.ids import SYSTEM, uuid7
from payments.invariants import INVARIANTS
from rivermouth import migrate

TICKS = os.sysconf("SC_CLK_TCK")
FUNDS = 1_000_000
SQL = Path(__file__).parent / "sql"


@dataclass(slots=True)
class Server:
    postgres: Postgres
    accounts: int
    tenant: UUID = field(default_factory=uuid7)
    first: int = 0
    _numbers: int = 0

    @property
    def last(self) -> int:
        return self.first + self.accounts - 1

    def connect(self, database: str, role: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(roles.conninfo(self.postgres.url(role, database)), autocommit=True)

    def address(self, database: str, role: str) -> str:
        return self.postgres.url(role, database)

    def admin(self, statement: str) -> None:
        with self.postgres.admin() as connection:
            connection.execute(statement)

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        """A copy of a template, for one cell."""
        self._numbers += 1
        name = f"cell{self._numbers}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {roles.OWNER}")
        self.admin("CHECKPOINT")
        try:
            yield name
        finally:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def cpu_s(self) -> float:
        """CPU of the server and all its processes, the ended ones among them."""
        pid = self.postgres.process.pid
        total = 0
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (found := _times(int(entry.name))):
                parent, own, reaped = found
                if int(entry.name) == pid:
                    total += own + reaped
                elif parent == pid:
                    total += own
        return total / TICKS

    @staticmethod
    def cpu_of(pid: int) -> float:
        found = _times(pid)
        return found[1] / TICKS if found else 0.0

    # what each contender starts from
    def make_templates(self, pgledger: Path | None) -> None:
        self.admin(f"CREATE DATABASE ours OWNER {roles.OWNER}")
        migrate.upgrade(self.postgres.url(roles.OWNER, "ours"))
        self._fill_ours()
        self.admin(f"CREATE DATABASE d1f OWNER {roles.OWNER}")
        with self.connect("d1f") as connection:
            connection.execute((SQL / "d1f.sql").read_text())
            connection.execute(
                "INSERT INTO d1f.balances (account, balance, floor) SELECT n, %s, 0 FROM generate_series(%s::bigint, %s) n",
                (FUNDS, self.first, self.last),
            )
            connection.execute("VACUUM ANALYZE")
        if pgledger is not None:
            self._make_pgledger(pgledger)

    def _fill_ours(self) -> None:
        with self.connect("ours", roles.APP) as connection:
            connection.execute("SELECT set_config('app.tenant', %s, false)", (str(self.tenant),))
            connection.execute(
                """SELECT payments.account_open('REAL', 'USDT', 'customer', 'bench:' || n, uuidv7(), true, 0, 'credit')
                     FROM generate_series(1, %s) n""",
                (self.accounts,),
            )
            outside = connection.execute(
                """SELECT account_id
                     FROM payments.account_open('REAL', 'USDT', 'external', 'bench:outside', NULL, false, 0, 'debit')"""
            ).fetchone()[0]
            self.first = connection.execute(
                "SELECT min(account_id) FROM payments.accounts WHERE kind = 'customer'"
            ).fetchone()[0]
            for start in range(self.first, self.last + 1, 5_000):
                ids = list(range(start, min(start + 5_000, self.last + 1)))
                connection.execute(
                    """SELECT * FROM payments.post_batch(true, %s::uuid[], %s::text[], %s::bytea[], '{REAL}', '{deposit}', '{NULL}',
                           '{NULL}', '{NULL}', '{NULL}', '{"{}"}', %s::integer[], %s::bigint[], %s::numeric[],
                           array_fill(0::numeric, ARRAY[%s]), array_fill(NULL::uuid, ARRAY[%s]))""",
                    (
                        [SYSTEM], [f"s/deposit:{uuid7()}"], [bytes(32)], [1] * (len(ids) + 1), [*ids, outside],
                        [FUNDS] * len(ids) + [-FUNDS * len(ids)], len(ids) + 1, len(ids) + 1,
                    ),
                )  # fmt: skip
        self.fold_all("ours")
        with self.connect("ours") as connection:
            connection.execute("VACUUM ANALYZE")

    def _make_pgledger(self, path: Path) -> None:
        self.admin(f"CREATE DATABASE pgledger OWNER {roles.OWNER}")
        with self.connect("pgledger") as connection:
            for part in ("ulid.sql", "uuid_to_ulid.sql"):
                if (path.parent / part).exists():
                    connection.execute((path.parent / part).read_text())
            if not connection.execute("SELECT FROM pg_proc WHERE proname = 'uuid_to_ulid'").fetchone():
                connection.execute(  # the peer takes this function from another project; any text of 26 characters does
                    """CREATE FUNCTION uuid_to_ulid(id uuid) RETURNS text LANGUAGE sql IMMUTABLE AS
                       $$ SELECT upper(substr(replace(id::text, '-', ''), 1, 26)) $$"""
                )
            connection.execute(path.read_text())
            connection.execute(
                """INSERT INTO pgledger_accounts
                       (id, name, currency, balance, allow_negative_balance, allow_positive_balance, created_at, updated_at)
                   SELECT 'pgla_' || lpad(n::text, 26, '0'), 'bench', 'USDT', %s, false, true, now(), now()
                     FROM generate_series(1, %s) n""",
                (FUNDS, self.accounts),
            )
            connection.execute("VACUUM ANALYZE")

    def pgledger_accounts(self) -> tuple[str, ...]:
        return tuple(f"pgla_{n:026}" for n in range(1, self.accounts + 1))

    # afterwards
    def fold_all(self, database: str) -> None:
        with self.connect(database, roles.ENGINE) as engine:
            while engine.execute("SELECT entries FROM payments.waiting(1)").fetchone()[0]:
                engine.execute("SELECT * FROM payments.fold(200000)")

    def faults(self, contender: str, database: str) -> list[str]:
        """What is wrong with the books after a cell; empty is the only good answer."""
        if contender == "d1f":
            return self._counted(database, _D1F_CHECKS)
        if contender == "pgledger":
            return self._counted(database, _PGLEDGER_CHECKS)
        self.fold_all(database)
        with self.connect(database, roles.ENGINE) as engine:
            return [i.name for i in INVARIANTS if engine.execute(i.sql).fetchone()[0] != 0]

    def _counted(self, database: str, checks: dict[str, str]) -> list[str]:
        with self.connect(database) as connection:
            return [name for name, sql in checks.items() if connection.execute(sql).fetchone()[0] != 0]


_D1F_CHECKS = {
    "sum of entries is not zero": "SELECT coalesce(sum(amount), 0) FROM d1f.entries",
    "balance is not the sum of entries": f"""SELECT count(*) FROM d1f.balances b JOIN
        (SELECT account, sum(amount) AS amount, max(seq) AS seq, count(*) AS n FROM d1f.entries GROUP BY account) e USING (account)
        WHERE b.balance <> {FUNDS} + e.amount OR e.seq <> e.n""",
    "a transfer has not two entries": """SELECT count(*) FROM
        (SELECT transfer FROM d1f.entries GROUP BY transfer HAVING count(*) <> 2) t""",
}
_PGLEDGER_CHECKS = {
    "sum of entries is not zero": "SELECT coalesce(sum(amount), 0) FROM pgledger_entries",
    "balance is not the sum of entries": f"""SELECT count(*) FROM pgledger_accounts a JOIN
        (SELECT account_id, sum(amount) AS amount FROM pgledger_entries GROUP BY account_id) e ON e.account_id = a.id
        WHERE a.balance <> {FUNDS} + e.amount""",
}


def _times(pid: int) -> tuple[int, int, int] | None:
    """Parent, own CPU and CPU of the children it has buried, in ticks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


@contextmanager
def running(accounts: int, pgledger: Path | None) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="rmb-"))
    postgres = Postgres(folder / "pg", socket_directory(folder), folder / "pg.log")
    try:
        postgres.start()
        postgres.create_roles()
        server = Server(postgres, accounts)
        server.make_templates(pgledger)
        yield server
    finally:
        postgres.stop(immediate=True)
        shutil.rmtree(folder, ignore_errors=True)
