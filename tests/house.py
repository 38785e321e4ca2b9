"""A small house for tests of the API: two tenants, a login for every role, the application over a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import psycopg
import pytest
import uvicorn

from identity.principals import service as principals
from identity.principals.states import Role
from identity.tenants import service as tenants
from kernel import db
from kernel.ids import uuid7
from kernel.roles import conninfo
from kernel.settings import Mode, Settings, settings
from rivermouth.http import create_app, server_options

PASSWORD = "correct horse battery staple"


@dataclass
class House:
    database: object
    valkey_url: str
    first: UUID = field(default_factory=uuid7)
    second: UUID = field(default_factory=uuid7)
    ids: dict[str, UUID] = field(default_factory=dict)
    client: httpx.Client | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    def settings(self, **changes) -> Settings:
        given = {"database_url": self.database.app, "redis_url": self.valkey_url, "mode": Mode.SANDBOX}
        return Settings(**{**given, **changes})

    def populate(self) -> None:
        """As the engine's role, which alone may create tenants."""
        db.configure(self.database.engine, pool_size=2)
        tenants.ensure(self.first, name="First House")
        tenants.ensure(self.second, name="Second House")
        for role in Role:
            email = f"{role}@first.example"
            if role is Role.RETAIL:
                self.ids[role] = principals.ensure_customer(self.first, email=email, password=PASSWORD)
            else:
                self.ids[role] = principals.ensure_staff(self.first, email=email, password=PASSWORD, roles=[role])
        self.ids["other"] = principals.ensure_customer(self.second, email="retail@second.example", password=PASSWORD)
        db.dispose()

    def login(self, email: str, password: str = PASSWORD, **kwargs):
        return self.client.post("/v1/sessions", json={"email": email, "password": password}, **kwargs)

    def auth(self, who: str) -> dict[str, str]:
        """The header of a role's session, opened once."""
        if who not in self._tokens:
            email = "retail@second.example" if who == "other" else f"{who}@first.example"
            answer = self.login(email)
            assert answer.status_code == 201, answer.text
            self._tokens[who] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[who]}"}

    @contextmanager
    def sql(self, role: str, tenant: UUID | None = None) -> Iterator[psycopg.Connection]:
        """A connection of one database role (`app`, `engine`, `owner`, `superuser`), in a transaction of a tenant."""
        with psycopg.connect(conninfo(getattr(self.database, role))) as connection:
            if tenant is not None:
                connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
            yield connection


@contextmanager
def serving(app) -> Iterator[httpx.Client]:
    """A real server in a thread of this process: what arrives went through the HTTP parser, and tests can still patch."""
    options = server_options(settings())
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="on", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            assert time.monotonic() < deadline, "the API did not start in time"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def house(cluster, valkey_server) -> Iterator[House]:
    """One house per test module; its API runs in this process as the role app."""
    database = cluster.create("rivermouth_template")
    made = House(database, valkey_server.url)
    made.populate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_MODE", "sandbox")  # parts of the API read the settings of the process
        patch.setenv("RIVERMOUTH_DATABASE_URL", database.app)
        patch.setenv("RIVERMOUTH_REDIS_URL", valkey_server.url)
        patch.setenv("RIVERMOUTH_MASTER_KEYS", "test:" + "A" * 43 + "=")  # no test leaves a key in the working folder
        settings.cache_clear()
        with serving(create_app(made.settings())) as client:
            made.client = client
            yield made
    settings.cache_clear()
    cluster.drop(database)
