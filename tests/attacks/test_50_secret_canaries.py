"""Attack 50: secrets that are searched for like canaries: in the whole database, in Valkey, in logs, refusals and metrics.

The processes are real ones, so that what they write to their logs is all they write. Every secret here is used, some wrongly, and the
database is broken on purpose while a secret is on its way. The mail server and the chat room on the other side say secrets back.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import psycopg
import pyotp
import pytest
import redis

from identity.principals import service as principals
from kernel import crypto, db
from kernel.ids import uuid7
from kernel.roles import conninfo
from rivermouth.prove.stack import free_port
from tests.attacks import errands
from tests.integration.identity.test_signed_requests import KeyAuth
from tests.integration.notices.test_webhook_posting import Receiver

PATIENCE_S = 180
PARTS = ("events", "notices", "webhooks", "chat", "lane:smtp", "schedules")


class Canaries:
    """Secrets by name, each as all the texts that it could be written as."""

    def __init__(self):
        self.by_name = {}

    def add(self, name, secret):
        raw = secret.encode() if isinstance(secret, str) else secret
        texts = {
            raw,
            raw.hex().encode(),
            base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
        }
        texts |= (
            {json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode()} if isinstance(secret, str) else set()
        )
        assert len(raw) >= 10, "too short to be told from chance"
        self.by_name[name] = texts
        return secret

    def found_in(self, heap):
        return sorted(name for name, texts in self.by_name.items() if any(text in heap for text in texts))


@contextmanager
def process(*words, env, log):
    with log.open("ab") as out:
        running = subprocess.Popen([sys.executable, "-m", "rivermouth", *words], env=env, stdout=out, stderr=out)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(60)


def until(holds, what, *running):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert all(one.poll() is None for one in running), what
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def dump_of_postgres(url):
    """Every row of every table as text; bytes as hex."""
    parts = []
    with psycopg.connect(conninfo(url)) as connection:
        tables = connection.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            parts += [row[0] for row in connection.execute(f"SELECT t::text FROM {table} t").fetchall()]
    return "\n".join(parts).encode()


def dump_of_valkey(url):
    """Every key, and every value by its type."""
    read = {
        b"string": lambda client, key: [client.get(key)],
        b"list": lambda client, key: client.lrange(key, 0, -1),
        b"set": lambda client, key: client.smembers(key),
        b"zset": lambda client, key: client.zrange(key, 0, -1),
        b"hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
        b"stream": lambda client, key: [repr(client.xrange(key)).encode()],
    }
    with redis.Redis.from_url(url) as client:
        parts = [part for key in client.scan_iter() for part in (key, *read[client.type(key)](client, key))]
    return b"\n".join(part for part in parts if part is not None)


class Visit:
    """Somebody who uses every secret there is; keeps the answers that are meant to reveal none."""

    def __init__(self, house, base, canaries):
        self.house, self.canaries, self.answers = house, canaries, []
        self.client = httpx.Client(base_url=base, timeout=30)

    def ask(self, method, path, *, reveals=False, **more):
        answer = self.client.request(method, path, **more)
        if not reveals:
            self.answers.append(f"{answer.headers}\n{answer.text}".encode())
        return answer

    def login(self, password, **more):
        return self.ask(
            "POST", "/v1/sessions", json={"email": "canary@first.example", "password": password, **more}, reveals=True
        )

    def everything(self):
        add = self.canaries.add
        password, new_password = (
            add(name, f"{name}-{secrets.token_urlsafe(16)}") for name in ("password", "new-password")
        )
        principals.ensure_customer(self.house.first, email="canary@first.example", password=password)
        self.broken_requests(password)
        self.login(add("wrong-password", f"wrong-{secrets.token_urlsafe(16)}"))
        opened = self.login(password).json()
        pair = self.ask(
            "POST",
            "/v1/sessions/refresh",
            json={"refresh_token": add("refresh", opened["refresh_token"])},
            reveals=True,
        ).json()
        for name in ("access_token", "refresh_token"):
            add(f"{name}-1", opened[name])
            add(f"{name}-2", pair[name])
        auth = {"Authorization": f"Bearer {pair['access_token']}"}
        self.ask("GET", "/v1/me", headers=auth)
        self.ask("GET", "/v1/me", headers={"Authorization": f"Basic {add('basic', secrets.token_urlsafe(24))}"})
        self.things_with_secrets(auth)
        self.browser(password)
        self.second_factor(auth, password, new_password)

    def broken_requests(self, password):
        """Where a secret stands in the wrong place, a refusal must not say it back."""
        self.ask("POST", "/v1/sessions", json={"email": "canary@first.example", "password": {"value": password}})
        self.ask(
            "POST", "/v1/sessions", json={"email": "canary@first.example", "password": [password], "totp": password}
        )
        self.ask(
            "POST", "/v1/sessions", content=f'{{"password": "{password}"', headers={"Content-Type": "application/json"}
        )
        self.ask("POST", f"/v1/sessions?password={password}", json={"email": password})
        self.ask("POST", "/v1/sessions", json={"email": "canary@first.example", "password": password * 50})
        self.ask("POST", "/v1/sessions/refresh", json={"refresh_token": password})

    def things_with_secrets(self, auth):
        keyed = lambda: auth | {"Idempotency-Key": str(uuid7())}  # noqa: E731
        wish = {"name": "bot", "scopes": ["read", "trade"]}
        key = self.ask("POST", "/v1/api-keys", json=wish, headers=keyed(), reveals=True).json()
        self.canaries.add("api-secret", key["secret"])
        signed = KeyAuth(key["key"], key["secret"])
        assert self.ask("GET", "/v1/balances", auth=signed).status_code == 200
        self.ask(
            "GET",
            "/v1/balances",
            auth=KeyAuth(key["key"], self.canaries.add("wrong-secret", secrets.token_urlsafe(32))),
        )
        hook = {"url": "https://hooks.example/canary", "kinds": ["order.filled"]}
        made = self.ask("POST", "/v1/webhooks", json=hook, headers=keyed(), reveals=True).json()
        self.canaries.add("webhook-secret", made["secret"].removeprefix("whsec_"))
        for path in ("/v1/api-keys", "/v1/webhooks"):
            assert self.ask("GET", path, headers=auth).status_code == 200

    def browser(self, password):
        page = {"Origin": str(self.client.base_url).rstrip("/")}
        body = {"email": "canary@first.example", "password": password}
        opened = self.ask("POST", "/v1/sessions", json=body, headers=page, reveals=True)
        self.canaries.add("cookie", opened.cookies["rivermouth_session"])
        self.canaries.add("csrf", opened.json()["csrf_token"])
        self.client.cookies.clear()

    def second_factor(self, auth, password, new_password):
        change = {"current_password": password, "new_password": new_password}
        assert self.ask("POST", "/v1/me/password", json=change, headers=auth).status_code == 204
        offered = self.ask("POST", "/v1/mfa/totp", headers=auth, reveals=True).json()
        secret = self.canaries.add("totp-secret", offered["secret"])
        code = pyotp.TOTP(secret).now()
        confirmed = self.ask("POST", "/v1/mfa/totp/confirm", json={"totp": code}, headers=auth, reveals=True)
        assert confirmed.status_code in {200, 201}, confirmed.text
        for number, recovery in enumerate(confirmed.json()["recovery_codes"]):
            self.canaries.add(f"recovery-{number}", recovery)
        used = confirmed.json()["recovery_codes"][0]
        assert self.login(new_password, recovery_code=used).status_code == 201
        self.ask(
            "POST",
            "/v1/sessions",
            json={"email": "canary@first.example", "password": new_password, "recovery_code": used},
        )

    def while_the_database_is_broken(self):
        """A fault of ours while a secret is on its way: the trace tells the statement, and nothing of what was in it."""
        password = self.canaries.add("on-its-way", f"way-{secrets.token_urlsafe(16)}")
        token = self.canaries.add("token-on-its-way", "rms_" + secrets.token_urlsafe(32))
        with psycopg.connect(conninfo(self.house.database.superuser), autocommit=True) as connection:
            connection.execute("ALTER TABLE identity.credentials RENAME TO gone")
            connection.execute("ALTER FUNCTION identity.principal_by_token(bytea) RENAME TO gone")
            try:
                broken = [
                    self.ask("POST", "/v1/sessions", json={"email": "canary@first.example", "password": password}),
                    self.ask("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}),
                ]
            finally:
                connection.execute("ALTER TABLE identity.gone RENAME TO credentials")
                connection.execute("ALTER FUNCTION identity.gone(bytea) RENAME TO principal_by_token")
        assert [answer.status_code for answer in broken] == [500, 500]


@pytest.fixture(scope="module")
def room():
    """A chat service on the loopback address."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def searched(house, room, tmp_path_factory):
    """Everything that was written while every secret was used, and the secrets."""
    folder, canaries = tmp_path_factory.mktemp("canaries"), Canaries()
    api_port, metrics_port = free_port(), free_port()
    master, audit = os.urandom(32), os.urandom(32)
    canaries.add("master-key", master)
    canaries.add("audit-key", audit)
    smtp_password = canaries.add("smtp-password", secrets.token_urlsafe(24))
    office = errands.PostOffice(folder)
    env = {
        **os.environ,
        "RIVERMOUTH_DATA_DIR": str(folder),
        "RIVERMOUTH_MASTER_KEYS": f"test:{base64.b64encode(master).decode()}",
        "RIVERMOUTH_AUDIT_KEYS": f"test:{base64.b64encode(audit).decode()}",
        "RIVERMOUTH_SMTP_URL": f"smtps://canary:{smtp_password}@localhost:{office.port}",
        "RIVERMOUTH_LINKS_URL": errands.PAGES,
        "RIVERMOUTH_REGISTRATION_TENANT": str(house.first),
        "RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS": room.here,
        "RIVERMOUTH_RATE_LIMITS": "logins=off,writes=off",
        "SSL_CERT_FILE": str(office.trust),
        "RIVERMOUTH_SIMULATOR_URL": "http://127.0.0.1:9",  # no venue is asked for anything
        "RIVERMOUTH_METRICS_PORT": str(metrics_port),
        "RIVERMOUTH_LOG_LEVEL": "DEBUG",
    }
    log, base = folder / "log", f"http://127.0.0.1:{api_port}"
    parts = [word for part in PARTS for word in ("--only", part)]
    of_engine = env | {"RIVERMOUTH_DATABASE_URL": house.database.engine}
    with (
        office.open(),
        process("api", "--port", str(api_port), env=env, log=log) as api,
        process("engine", *parts, env=of_engine, log=log) as engine,
    ):
        until(
            lambda: _answers(f"{base}/healthz") and _answers(f"http://127.0.0.1:{metrics_port}"),
            "a process did not start",
            api,
            engine,
        )
        visit = Visit(house, base, canaries)
        visit.everything()
        errands.identity_check(visit)
        errands.programs(visit)
        errands.chat(visit, room)
        errands.mails(visit, office)
        until(lambda: _settled(house), "what goes outside is still on its way", api, engine)
        assert office.logins[0] == smtp_password
        visit.while_the_database_is_broken()
        metrics = (
            visit.client.get("/metrics").content + httpx.get(f"http://127.0.0.1:{metrics_port}", timeout=60).content
        )
        visit.client.close()
    heaps = {
        "database": dump_of_postgres(house.database.superuser),
        "valkey": dump_of_valkey(house.valkey_url),
        "logs": log.read_bytes(),
        "metrics": metrics,
        "answers": b"\n".join(visit.answers),
    }
    return canaries, heaps


def _answers(address):
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _settled(house):
    """Every mail and every message to a room has been tried; webhooks go to nobody and are tried on and on."""
    with house.sql("superuser") as connection:
        done, open_ = connection.execute(
            "SELECT count(*) FILTER (WHERE state NOT IN ('intent', 'sent')), count(*) FILTER (WHERE state IN ('intent', 'sent'))"
            " FROM kernel.calls WHERE kind IN ('mail', 'chat')"
        ).fetchone()
    return done > 0 and open_ == 0


@pytest.mark.parametrize("place", ["database", "valkey", "logs", "metrics", "answers"])
def test_50_no_secret_lies_about(searched, place):
    canaries, heaps = searched
    assert len(canaries.by_name) >= 55
    assert canaries.found_in(heaps[place]) == []


def test_50_the_search_finds_what_is_there(searched):
    """The heaps are what they say, so an empty find means something."""
    _, heaps = searched
    assert b"canary@first.example" in heaps["database"]
    assert b"rm:" in heaps["valkey"]
    assert b"unhandled" in heaps["logs"] and b"principal_by_token" in heaps["logs"]
    assert b"rivermouth_http_seconds" in heaps["metrics"]
    assert b"invalid_request" in heaps["answers"]
    planted = Canaries()
    planted.add("a word that is there", "canary@first.example")
    assert planted.found_in(heaps["database"]) == ["a word that is there"]


def test_50_every_spelling_of_a_secret_is_searched_for():
    canaries = Canaries()
    secret = canaries.add("one", 'a/"secret+é?')
    for heap in (
        secret,
        json.dumps({"x": secret}),
        quote(secret, safe=""),
        secret.encode().hex(),
        base64.b64encode(secret.encode()).decode(),
    ):
        assert canaries.found_in(f"before {heap} after".encode()) == ["one"], heap


def test_50_a_sealed_secret_is_found_by_nobody_without_the_key(house):
    canaries = Canaries()
    secret = canaries.add("sealed", secrets.token_urlsafe(24))
    sealed = crypto.seal(secret.encode(), tenant=house.first, table="t", row=uuid7())
    assert canaries.found_in(sealed + sealed.hex().encode()) == []


def test_50_the_trace_of_a_failed_statement_hides_its_values(house):
    with pytest.raises(Exception, match="no_such_table") as failed, db.transaction() as tx:
        tx.execute("INSERT INTO no_such_table VALUES (:secret)", secret="a-secret-on-its-way")
    assert "a-secret-on-its-way" not in str(failed.value)
