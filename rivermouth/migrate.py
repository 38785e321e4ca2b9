"""Bring a database to the newest schema: alembic, configured in code, run as the owner.

Two starts at once are kept apart by an advisory lock; the second finds nothing left to do.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

_LOCK = 7_311_200_413


def migrations_directory() -> Path:
    """Beside the packages in a checkout, inside the wheel as `rivermouth_migrations`."""
    for name in ("migrations", "rivermouth_migrations"):
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
    raise FileNotFoundError("the migrations are not installed")


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_directory()))
    config.attributes["connection"] = connection
    return config


def head() -> str | None:
    return ScriptDirectory.from_config(configuration()).get_current_head()


def upgrade(owner_url: str) -> str | None:
    """Run every migration the database has not seen. Returns the revision it stands at."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as guard, engine.connect() as connection:
        guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        if head() is not None:
            command.upgrade(configuration(connection), "head")
        return current(connection)


def current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table_schema": "public"}).get_current_revision()
