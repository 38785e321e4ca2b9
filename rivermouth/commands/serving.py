"""What a command needs before it starts: the data directory, servers and their addresses, and one sentence where it cannot go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rivermouth.data_directory import Addresses, AlreadyRunsError, DataDirectory

Data = Annotated[Path | None, typer.Option(envvar="RIVERMOUTH_DATA_DIR", help="Data directory; default .rivermouth")]


def data_of(given: Path | None) -> Path:
    return given or Path(".rivermouth")


@contextmanager
def addresses(data: Path | None) -> Iterator[Addresses]:
    """The servers of this command; what can go wrong with them is said in one sentence."""
    from kernel.embedded import EmbeddedServerError
    from rivermouth import servers

    given = os.environ.get("RIVERMOUTH_DATABASE_URL") and os.environ.get("RIVERMOUTH_REDIS_URL")
    if not given and os.environ.get("RIVERMOUTH_MODE") == "production":
        fail("In production RIVERMOUTH_DATABASE_URL and RIVERMOUTH_REDIS_URL must be set.")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        path = data_of(data)
        directory = DataDirectory(path.absolute()) if given else DataDirectory.open(path)
        if not given:  # servers of a demo, or like one: a sandbox, whose keys lie in its directory
            os.environ["RIVERMOUTH_MODE"] = "sandbox"
            os.environ["RIVERMOUTH_DATA_DIR"] = str(directory.path)
        with servers.addresses(directory) as found:
            yield found
    except (AlreadyRunsError, EmbeddedServerError) as error:
        fail(str(error))


@contextmanager
def serving(role: str, data: Path | None) -> Iterator[None]:
    """Put the addresses where the settings read them, and refuse a superuser before anything starts."""
    with addresses(data) as found:
        url = found.app if role == "app" else found.engine
        refuse_superuser(url)
        os.environ["RIVERMOUTH_DATABASE_URL"], os.environ["RIVERMOUTH_REDIS_URL"] = url, found.redis
        if found.simulator:
            os.environ["RIVERMOUTH_SIMULATOR_URL"] = found.simulator
        yield


def refuse_superuser(url: str) -> None:
    import psycopg

    from kernel import roles

    try:
        roles.refuse_superuser(url)
    except roles.SuperuserRefusedError as error:
        fail(str(error))
    except psycopg.OperationalError as error:
        fail(f"The database does not answer: {str(error).strip()}")


def fail(sentence: str) -> NoReturn:
    print(f"rivermouth: {sentence}", file=sys.stderr)
    raise typer.Exit(1)
