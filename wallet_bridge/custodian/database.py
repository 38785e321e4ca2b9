"""The custodian's schema: numbered files of SQL, each run once, in one transaction, kept apart by an advisory lock."""

from __future__ import annotations

from importlib.resources import files

from kernel import roles

_LOCK = 7_311_200_501


def upgrade(url: str) -> int:
    """Run what the database has not seen; answers the number it stands at. `url` is of the role that owns it."""
    folder = files("wallet_bridge.custodian").joinpath("sql")
    scripts = sorted((entry.name, entry.read_text()) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    with roles.connect(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute("CREATE TABLE IF NOT EXISTS public.custody_schema (number integer PRIMARY KEY)")
        row = connection.execute("SELECT coalesce(max(number), 0) FROM public.custody_schema").fetchone()
        stands: int = row[0] if row else 0
        for name, script in scripts:
            number = int(name.partition("_")[0])
            if number > stands:
                with connection.transaction():
                    connection.execute(script)
                    connection.execute("INSERT INTO public.custody_schema (number) VALUES (%s)", (number,))
                stands = number
    return stands
