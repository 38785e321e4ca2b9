"""One function, one statement on markets.guards."""

from __future__ import annotations

from kernel.db import Tx
from markets.guards.rules import Guards

_COLUMNS = ", ".join(Guards.__dataclass_fields__)


def select_all(tx: Tx) -> dict[str, Guards]:
    rows = tx.all(f"SELECT symbol, {_COLUMNS} FROM markets.guards")
    return {row.symbol: Guards(**{name: getattr(row, name) for name in Guards.__dataclass_fields__}) for row in rows}


def store(tx: Tx, symbol: str, guards: Guards) -> None:
    columns = list(Guards.__dataclass_fields__)
    tx.execute(
        f"""INSERT INTO markets.guards (symbol, {_COLUMNS}, updated_at)
            VALUES (:symbol, {", ".join(":" + c for c in columns)}, :now)
            ON CONFLICT (symbol) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in columns)}, updated_at = :now""",
        symbol=symbol,
        now=tx.now,
        **{name: getattr(guards, name) for name in columns},
    )
