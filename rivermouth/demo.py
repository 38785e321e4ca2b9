"""`rivermouth demo`: the whole product on one machine, from nothing to `ready`, and down again without a trace but its data."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import redis
from psycopg import Error as DatabaseError

from consoles.build import BuildFailed
from kernel import cache, db, memory, processes
from kernel.embedded import EmbeddedServerError, Postgres, Valkey
from kernel.roles import SuperuserRefusedError
from kernel.settings import settings
from rivermouth import demo_limits, demo_wallet, ports
from rivermouth.data_directory import Addresses, AlreadyRunsError, DataDirectory
from rivermouth.demo_wallet import DemoWallet
from rivermouth.readiness import VARIABLE as READY_FILE
from rivermouth.sandbox.mails import FOLDER as MAILS
from rivermouth.servers import Servers
from rivermouth.supervisor import Child, ChildFailedError, StopRequestedError, Supervisor

READY_TIMEOUT_S = 300.0
VENUES = ("binance", "bitfinex", "kraken", "okx")
_STOP_SIGNALS = {"postgres": signal.SIGINT}
_EXPECTED = (
    AlreadyRunsError,
    ChildFailedError,
    EmbeddedServerError,
    ports.PortBusyError,
    SuperuserRefusedError,
    db.SuperuserRefused,
    DatabaseError,
    redis.RedisError,
)


@dataclass(slots=True)
class Demo:
    """One run of the demo: its directory, its children, and how far it has come."""

    directory: DataDirectory
    supervisor: Supervisor
    listener: socket.socket
    recording: Path | None
    began: float

    @property
    def http(self) -> str:
        return f"http://localhost:{self.listener.getsockname()[1]}"

    def start(self) -> None:
        servers = Servers(
            self.directory, os.environ.get("RIVERMOUTH_DATABASE_URL"), os.environ.get("RIVERMOUTH_REDIS_URL")
        )
        chains = demo_wallet.chains(say) if servers.postgres else []
        simulator_port = ports.free()
        simulator_url = f"http://127.0.0.1:{simulator_port}"
        simulator = self._simulator(simulator_port)
        smtp_url, mail_server = self._mail_server()
        say("starting Postgres, Valkey and the simulated venues …")
        own_servers = [
            self._server(name, one) for name, one in (("postgres", servers.postgres), ("valkey", servers.valkey)) if one
        ]
        self.supervisor.spawn(*own_servers, simulator, *mail_server)
        for child in own_servers:
            self.supervisor.wait_ready(child)
        addresses = replace(servers.set_up(), http=self.http, simulator=simulator_url)
        wallet = demo_wallet.prepare(self.directory, servers.postgres, chains) if servers.postgres and chains else None
        custody = self._custody(wallet) if wallet else []
        self.supervisor.spawn(*custody)
        self._migrate(addresses)
        for child in (simulator, *mail_server, *custody):
            self.supervisor.wait_ready(child)
        self._seed(addresses, servers.postgres, wallet)
        say("starting api, engine, worker and beat …")
        processes_of_product = self._product(addresses, smtp_url, wallet.product if wallet else {})
        self.supervisor.start(*processes_of_product)
        self.directory.publish(addresses)
        say("waiting for prices of the venues …")
        engine = processes_of_product[1]
        ready = _answers(self._local("/readyz"))
        self.supervisor.wait_for(ready, what="getting ready", timeout_s=READY_TIMEOUT_S, blame=engine)

    def _local(self, path: str) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}{path}"

    def _migrate(self, addresses: Addresses) -> None:
        from rivermouth import migrate  # noqa: PLC0415  only the start needs alembic

        say("bringing the database to the newest schema …")
        migrate.upgrade(str(addresses.owner))

    def _custody(self, wallet: DemoWallet) -> list[Child]:
        """The chains, and who keeps their keys: a program that knows nothing of the product."""
        custodian = self._child(
            "custodian", ["--port", str(wallet.port)], wallet.custodian, ready=_answers(f"{wallet.wire.url}/healthz")
        )
        return [*(chain.child() for chain in wallet.chains), custodian]

    def _seed(self, addresses: Addresses, own: Postgres | None, wallet: DemoWallet | None) -> None:
        from rivermouth import demo_treasury, seed  # noqa: PLC0415  only the start needs the product in this process

        db.configure(addresses.engine, pool_size=2, application_name="rivermouth-seed")
        cache.configure(addresses.redis)
        try:
            seed.run(venue_balances(str(addresses.simulator)))
            demo_treasury.ensure(
                settings().house_tenant, demo_treasury.venue_addresses(str(addresses.simulator), VENUES),
                asked_by=f"treasury@{seed.DOMAIN}", agreed_by=f"treasury2@{seed.DOMAIN}",
            )  # fmt: skip
            if own is not None:
                demo_limits.ensure(own, settings().house_tenant)
            if wallet is not None:
                wallet.endow(settings().house_tenant)
        finally:
            db.dispose()
            cache.close()

    def _server(self, name: str, server: Postgres | Valkey) -> Child:
        return Child(
            name=name,
            log=server.log,
            prepare=server.prepare,
            spawn=server.spawn,
            ready=server.ready,
            stop_signal=server.stop_signal,
            grace_s=server.grace_s,
            force_signal=signal.SIGQUIT if isinstance(server, Postgres) else signal.SIGKILL,
        )

    def _simulator(self, port: int) -> Child:
        arguments = ["--port", str(port), "--data", str(self.directory.path / "simulator")]
        if self.recording is not None:
            arguments += ["--recording", str(self.recording)]
        return self._child("simulator", arguments, {}, ready=_answers(f"http://127.0.0.1:{port}/healthz"))

    def _mail_server(self) -> tuple[str, list[Child]]:
        """Where mails go: to the server that was named, else to one of our own that keeps them."""
        given = os.environ.get("RIVERMOUTH_SMTP_URL")
        if given:
            return given, []
        port = ports.free()
        arguments = ["--port", str(port), "--folder", str(self.directory.path / MAILS)]
        return f"smtp://127.0.0.1:{port}", [self._child("mails", arguments, {})]

    def _product(self, addresses: Addresses, smtp_url: str, wallet: dict[str, str]) -> list[Child]:
        app = {"RIVERMOUTH_DATABASE_URL": addresses.app}
        engine = {"RIVERMOUTH_DATABASE_URL": addresses.engine}
        shared = {
            "RIVERMOUTH_REDIS_URL": addresses.redis,
            "RIVERMOUTH_SIMULATOR_URL": str(addresses.simulator),
            **wallet,
        }
        if (
            not {"RIVERMOUTH_LINKS_URL", "RIVERMOUTH_PUBLIC_URL"} & os.environ.keys()
        ):  # links in mails lead to this very demo
            shared |= {"RIVERMOUTH_LINKS_URL": self.http}
        handed = str(self.listener.fileno())
        return [
            self._child(
                "api", ["--fd", handed], app | shared, ready=_answers(self._local("/healthz")), fds=[int(handed)]
            ),
            self._child("engine", [], engine | shared | {"RIVERMOUTH_SMTP_URL": smtp_url}),
            self._child("worker", [], app | shared),
            self._child("beat", [], app | shared),
        ]

    def _child(
        self,
        name: str,
        arguments: Sequence[str],
        more: dict[str, str],
        *,
        ready: Callable[[], bool] | None = None,
        fds: Sequence[int] = (),
    ) -> Child:
        mark = self.directory.run / f"{name}.ready"
        environment = _environment(self.directory) | more | {READY_FILE: str(mark)}

        def spawn() -> processes.Process:
            mark.unlink(missing_ok=True)
            command = [sys.executable, "-m", "rivermouth", name, *arguments]
            return processes.spawn(command, log=self.directory.log(name), env=environment, pass_fds=fds)

        return Child(
            name=name,
            log=self.directory.log(name),
            spawn=spawn,
            ready=ready or mark.exists,
        )


_LIMITS = "logins=600/minute,writes=18000/minute"  # many people at one desk try it out, and so do their bots


def _environment(directory: DataDirectory) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RIVERMOUTH_DATABASE_URL")}
    kept.setdefault("RIVERMOUTH_RATE_LIMITS", _LIMITS)
    kept |= {"RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_DATA_DIR": str(directory.path), "PYTHONUNBUFFERED": "1"}
    kept.setdefault("MALLOC_ARENA_MAX", "2")
    return kept


def say(text: str) -> None:
    print(text, flush=True)


def _answers(url: str) -> Callable[[], bool]:
    def asked() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return asked


def venue_balances(simulator_url: str) -> dict[str, dict[str, tuple[Decimal, Decimal]]]:
    """Venue → asset → (free, total) as the simulated venues report them."""
    found = {}
    for venue in VENUES:
        with urllib.request.urlopen(f"{simulator_url}/control/balances/{venue}", timeout=10) as answer:  # noqa: S310
            items = json.load(answer)["items"]
        found[venue] = {
            row["asset"]: (Decimal(row["free"]), Decimal(row["free"]) + Decimal(row["locked"])) for row in items
        }
    return found


def main(*, data: Path, port: int | None, recording: Path | None, console: bool = True) -> int:
    """Run until a signal; the exit code is 0 when everything also ended cleanly."""
    began = time.monotonic()
    if os.environ.get("RIVERMOUTH_MODE", "sandbox") != "sandbox":
        print("The demo is a sandbox: it does not start with RIVERMOUTH_MODE=production.", file=sys.stderr)
        return 1
    os.environ["RIVERMOUTH_MODE"] = "sandbox"
    try:
        directory = DataDirectory.open(data)
        with directory.lock(), ports.listen(port) as listener:
            if console:
                _build_console()
            supervisor = Supervisor(run=directory.run, say=say)
            supervisor.install_signals()
            supervisor.end_leftovers(_STOP_SIGNALS)
            directory.withdraw()
            with _stopping(supervisor, directory) as codes:
                demo = Demo(directory, supervisor, listener, recording, began)
                demo.start()
                _greet(demo)
                supervisor.watch()
            return max(codes)
    except _EXPECTED as error:
        print(f"rivermouth: {error}", file=sys.stderr)
        return 1


def _build_console() -> None:
    from rivermouth import console  # noqa: PLC0415  only the start needs it

    try:
        console.ensure(say)
    except BuildFailed as error:  # a machine without a way to npm still has the whole API
        say(f"the console could not be built; everything else starts. {error}")


@contextmanager
def _stopping(supervisor: Supervisor, directory: DataDirectory) -> Iterator[list[int]]:
    codes = [0]
    try:
        yield codes
    except StopRequestedError:
        say("asked to stop while starting")
    finally:
        say("stopping …")
        directory.withdraw()
        codes.append(0 if supervisor.stop() else 1)
        say(f"data kept in {directory.path}")


def _greet(demo: Demo) -> None:
    from rivermouth import seed  # noqa: PLC0415  loaded already

    say("")
    say(f"open   {demo.http}")
    say(f"docs   {demo.http}/docs")
    people = [*seed.RETAIL, *seed.STAFF]
    for name in people:
        say(f"login  {name}@{seed.DOMAIN}   password {seed.PASSWORD}")
    say(f"login  {seed.NEWCOMER}@{seed.DOMAIN}   password {seed.PASSWORD}   (known to nobody yet)")
    say(f"login  retail@{seed.OTHER_DOMAIN}   password {seed.PASSWORD}   (a second tenant)")
    say(f"took   {time.monotonic() - demo.began:.1f} s, {memory.of_tree(os.getpid()) / 2**20:.0f} MB in all processes")
    say(f"data   {demo.directory.path}   (Ctrl-C stops everything and keeps it)")
    say(f"ready {demo.http}")
