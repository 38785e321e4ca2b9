"""A migration is a file of SQL: this runs it, whole, in the migration's transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

SQL = Path(__file__).parent / "sql"


class Operations(Protocol):
    """The part of alembic's `op` that is needed here."""

    def get_bind(self) -> Connection: ...


def run_sql(op: Operations, name: str) -> None:
    """Send `migrations/sql/<name>` as it stands: no parameters, so `%` and `:` mean themselves."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("a migration needs a live connection")
    with driver.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"))
