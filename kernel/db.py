"""Transactions: synchronous, short, opened by a use case and by nobody else.

`with transaction(tenant=…) as tx:` commits at the end of the block or rolls everything back. Steps take `tx` first and never commit.
A nested `transaction()` raises: two commits where a reader expects one is how money gets lost. The tenant is set for this transaction
only (`set_config(…, true)`), because a session-level setting would leak to the next borrower of the pooled connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

from kernel.errors import DomainError
from kernel.metrics import DB_RETRIES

# Serialization failure, deadlock, lock not available; and a session that Postgres ended because this machine stood still in the
# middle of a transaction. None of them can have committed.
RETRYABLE = ("40001", "40P01", "55P03", "25P03")
T = TypeVar("T")
AnyRow = Row[*tuple[Any, ...]]  # columns are whatever the statement says

_engine: Engine | None = None
_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


class SuperuserRefused(DomainError):
    """The database role is a superuser: it would see every tenant, so the product does not start with it."""

    code = "superuser_refused"
    status = 500


class Tx:
    """One open transaction. `tenant` is the tenant it works for, None only for cross-tenant owners and look-ups."""

    def __init__(self, connection: Connection, tenant: UUID | None) -> None:
        self.connection = connection
        self.tenant = tenant
        self.notes: dict[str, Any] = {}  # what a step leaves for a later one of the same transaction
        self._after_commit: list[Callable[[], None]] = []

    @cached_property
    def now(self) -> datetime:
        """Business time of this transaction."""
        return self.scalar("SELECT kernel.business_now()")  # type: ignore[no-any-return]

    @property
    def tenant_id(self) -> UUID:
        assert self.tenant is not None, "this step needs a transaction of one tenant"
        return self.tenant

    def execute(self, statement: str | Executable, /, **params: Any) -> Any:
        """Run one statement; strings are cached `text()` with `:name` binds (write CAST(:x AS uuid), not `::`)."""
        if isinstance(statement, str):
            return self.connection.execute(_text(statement), params or None)
        return self.connection.execute(statement, params or None)

    def execute_many(self, statement: str, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(_text(statement), list(rows))

    def all(self, statement: str | Executable, /, **params: Any) -> list[AnyRow]:
        return list(self.execute(statement, **params).all())

    def first(self, statement: str | Executable, /, **params: Any) -> AnyRow | None:
        return self.execute(statement, **params).first()  # type: ignore[no-any-return]

    def one(self, statement: str | Executable, /, **params: Any) -> AnyRow:
        return self.execute(statement, **params).one()  # type: ignore[no-any-return]

    def scalar(self, statement: str | Executable, /, **params: Any) -> Any:
        return self.execute(statement, **params).scalar()

    def after_commit(self, hint: Callable[[], None]) -> None:
        """Register a wake-up to send once this is committed. Losing it must lose nothing: the poll is the truth."""
        self._after_commit.append(hint)

    def _run_hints(self) -> None:
        for hint in self._after_commit:
            hint()


_current: ContextVar[Tx | None] = ContextVar("transaction", default=None)


@lru_cache(maxsize=2048)
def _text(statement: str) -> TextClause:
    return text(statement)


def configure(url: str, *, pool_size: int = 20, application_name: str = "rivermouth") -> None:
    """Point this process at its database; refuses a superuser.

    Raises:
        SuperuserRefused: the login or the current role is a superuser.
    """
    global _engine  # noqa: PLW0603  one engine per process
    dispose()
    _engine = create_engine(
        normalise(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=30,
        hide_parameters=True,  # an error that is logged tells the statement, and nothing of what was in it
        connect_args={"application_name": application_name, "connect_timeout": 10},
    )
    event.listen(_engine, "connect", _prepare)
    try:
        with _engine.connect() as connection:
            supers = connection.execute(
                text(
                    "SELECT count(*) FROM pg_roles WHERE rolname IN (session_user, current_user) AND (rolsuper OR rolbypassrls)"
                )
            ).scalar_one()
    except Exception:
        dispose()
        raise
    if supers:
        dispose()
        raise SuperuserRefused


def normalise(url: str) -> str:
    """Accept `postgres://` and `postgresql://` as people write them; we always speak through psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _prepare(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.prepare_threshold = 3


def dispose() -> None:
    global _engine  # noqa: PLW0603
    if _engine is not None:
        _engine.dispose()
    _engine = None


def engine() -> Engine:
    assert _engine is not None, "kernel.db.configure() was not called"
    return _engine


def current() -> Tx | None:
    """The open transaction, for a read that must not take a second connection beside it."""
    return _current.get()


def assert_no_transaction() -> None:
    """The doors to the outside call this: no network while a transaction is open."""
    assert not _open.get(), "a call to the outside world inside a transaction"


@contextmanager
def transaction(*, tenant: UUID | None = None, repeatable: bool = False) -> Iterator[Tx]:
    """Open a transaction; with `repeatable`, everything in it sees one snapshot."""
    assert not _open.get(), "a nested transaction(): pass tx to a step instead"
    token = _open.set(True)
    try:
        with engine().connect() as connection:
            if repeatable:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                if tenant is not None:
                    connection.execute(_text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)})
                tx = Tx(connection, tenant)
                inner = _current.set(tx)
                try:
                    yield tx
                finally:
                    _current.reset(inner)
    finally:
        _open.reset(token)
    tx._run_hints()  # noqa: SLF001  only this function knows that the commit succeeded


@contextmanager
def one_statement(*, on: Connection | None = None) -> Iterator[Connection]:
    """A connection whose one statement is a transaction of its own: neither begin nor commit travel. It names its tenant itself.

    `on`: a connection that its owner keeps for this and for nothing else.
    """
    assert not _open.get(), "a nested transaction(): pass tx to a step instead"
    token = _open.set(True)
    try:
        with engine().connect() if on is None else nullcontext(on) as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                yield connection
            finally:
                connection.rollback()  # of the library's own state: Postgres has nothing open
    finally:
        _open.reset(token)


@contextmanager
def read_only(*, tenant: UUID | None = None, repeatable: bool = False, unlimited: bool = False) -> Iterator[Tx]:
    """A transaction that promises not to write; Postgres enforces it. `unlimited`: it may last, for readers hold back nobody's fold."""
    with transaction(tenant=tenant, repeatable=repeatable) as tx:
        tx.execute("SET TRANSACTION READ ONLY")
        if unlimited:
            tx.execute("SET LOCAL transaction_timeout = 0")
            tx.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield tx


def sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def retrying(use_case: Callable[[], T], *, attempts: int = 8) -> T:
    """Run a use case again when Postgres asked for it (deadlock, serialization); the last failure is raised."""
    for attempt in range(1, attempts + 1):
        try:
            return use_case()
        except DBAPIError as error:
            code = sqlstate(error)
            if code not in RETRYABLE or attempt == attempts:
                raise
            DB_RETRIES.labels(code).inc()
            time.sleep(0.005 * attempt)
    raise AssertionError("unreachable")
