"""The data directory: private, used by one product at a time, and the place where other commands find a running one."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from kernel.embedded import private_directory

CUSTODIAN = "custodian"
"""The folder of a demo's custodian and its chains, with their keys."""


class AlreadyRunsError(Exception):
    """Another product works on this data directory."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is. The database has one address per role; None where that part is not there."""

    owner: str | None
    app: str
    engine: str
    redis: str
    http: str | None = None
    simulator: str | None = None


@dataclass(frozen=True, slots=True)
class DataDirectory:
    path: Path

    @classmethod
    def open(cls, path: Path) -> DataDirectory:
        """Make it if need be; it belongs to one user, for Postgres refuses anything else."""
        directory = cls(path.absolute())
        for part in (directory.path, directory.logs, directory.run):
            private_directory(part)
        return directory

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory; the operating system lets go when this process ends, however it ends."""
        with (self.path / ".lock").open("a+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunsError(self._who_runs(handle.name)) from None
            handle.truncate(0)
            handle.write(f"{os.getpid()}\n")
            handle.flush()
            yield
            handle.truncate(0)

    def _who_runs(self, lock: str) -> str:
        with suppress(OSError):
            pid = Path(lock).read_text().strip()
            where = self.addresses()
            at = f" on {where.http}" if where is not None and where.http else ""
            return f"Rivermouth already runs{at} with the data in {self.path} (process {pid}); stop it or use --data."
        return f"Rivermouth already runs with the data in {self.path}."

    def publish(self, addresses: Addresses) -> None:
        """Leave the addresses for other commands of the same user."""
        unfinished = self.run / "urls.json.new"
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(asdict(addresses), indent=2) + "\n")
        unfinished.replace(self.run / "urls.json")
        if addresses.http:
            (self.run / "port").write_text(addresses.http.rpartition(":")[2] + "\n")

    def withdraw(self) -> None:
        for name in ("urls.json", "port"):
            (self.run / name).unlink(missing_ok=True)

    def addresses(self) -> Addresses | None:
        """What a running product published; only to be believed while its lock is held."""
        with suppress(OSError, ValueError, TypeError):
            return Addresses(**json.loads((self.run / "urls.json").read_text()))
        return None

    def passwords(self, roles: tuple[str, ...]) -> dict[str, str]:
        """Passwords of the product's roles on somebody else's server, made once and kept private."""
        path = self.path / "passwords.json"
        with suppress(OSError, ValueError):
            return {str(key): str(value) for key, value in json.loads(path.read_text()).items()}
        made = {role: os.urandom(24).hex() for role in roles}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made) + "\n")
        return made
