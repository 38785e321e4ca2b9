"""The database roles: who may log in, and the one rule that none of them is a superuser.

A superuser passes every row-level policy: a product that connected as one would show each tenant all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

OWNER = "rivermouth_owner"
APP = "rivermouth_app"
ENGINE = "rivermouth_engine"
LEDGER = "rivermouth_ledger"
WITHOUT_LOGIN = (LEDGER, "rivermouth_lookup")


class SuperuserRefusedError(Exception):
    """The product does not run as a database superuser."""


def conninfo(url: str | URL) -> str:
    """The same address in the words of libpq."""
    parts = make_url(url)
    query = {key: value if isinstance(value, str) else value[0] for key, value in parts.query.items()}
    given = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
    }
    return psycopg.conninfo.make_conninfo("", **{k: v for k, v in given.items() if v is not None}, **query)


def connect(url: str | URL) -> psycopg.Connection:
    return psycopg.connect(conninfo(url), autocommit=True, connect_timeout=10)


def ensure(connection: psycopg.Connection, *, owner: str, passwords: Mapping[str, str] | None = None) -> None:
    """Create what is missing, and let the owner hand functions to the roles without login."""
    connection.execute(files("kernel").joinpath("roles.sql").read_text())
    for role in WITHOUT_LOGIN:
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET TRUE").format(sql.Identifier(role), sql.Identifier(owner))
        )
    for role, password in (passwords or {}).items():
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password)))
    connection.execute(sql.SQL("ALTER ROLE {} SET search_path = kernel, public").format(sql.Identifier(owner)))


def fence(connection: psycopg.Connection, database: str) -> None:
    """Nobody but the product's roles enters; only the ledger's role makes temporary tables, the stage of the bulk door."""
    name = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(name, sql.Identifier(APP), sql.Identifier(ENGINE))
    )
    connection.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(LEDGER)))


def refuse_superuser(url: str | URL) -> None:
    """Raise when the address logs in as, or acts as, a superuser."""
    with connect(url) as connection:
        row = connection.execute(
            "SELECT session_user, bool_or(rolsuper OR rolbypassrls) FROM pg_roles"
            " WHERE rolname IN (session_user, current_user)"
        ).fetchone()
    if row is None or row[1]:
        name = row[0] if row else "unknown"
        raise SuperuserRefusedError(
            f"The database role {name} is a superuser or bypasses row-level security;"
            " Rivermouth refuses to run as one. Use an ordinary role."
        )
