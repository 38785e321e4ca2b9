"""The `rivermouth` command. Every process of the product is one of its sub-commands.

Modules are imported inside the commands: a process loads only what it runs, and the API never loads an exchange client.
"""

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

app = typer.Typer(
    name="rivermouth",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A self-hosted brokerage: one price, one order desk, every cent in the journal.",
)
ledger = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Verify, rebuild, close and archive the books.")
app.add_typer(ledger, name="ledger")
Data = Annotated[Path | None, typer.Option(envvar="RIVERMOUTH_DATA_DIR", help="Data directory; default .rivermouth")]
PASS_THROUGH = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@app.command()
def demo(
    data: Data = None,
    port: Annotated[
        int | None, typer.Option(envvar="RIVERMOUTH_HTTP_PORT", help="Port; a busy one is an error")
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="CSV of BTC-USDT minutes for the simulated venues to play")
    ] = None,
    console: Annotated[bool, typer.Option(help="Build the web console where it is not up to date")] = True,
) -> None:
    """Everything on this machine, with simulated venues and demo customers."""
    from rivermouth import demo as whole

    raise typer.Exit(whole.main(data=_data(data), port=port, recording=recording, console=console))


@app.command()
def api(
    data: Data = None,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(envvar="RIVERMOUTH_HTTP_PORT", help="Port; a busy one is an error")
    ] = None,
    fd: Annotated[int | None, typer.Option(help="A listening socket that was handed down")] = None,
) -> None:
    """The HTTP API. Run as many copies as you like."""
    with _serving("app", data):
        import uvicorn

        from kernel.settings import settings
        from rivermouth import http, ports

        try:
            number = fd if fd is not None else ports.listen(port, host).detach()
        except ports.PortBusyError as error:
            _fail(str(error))
        uvicorn.run(
            "rivermouth.http:create_app",
            factory=True,
            fd=number,
            **http.server_options(settings()),
            timeout_graceful_shutdown=5,
            log_level=os.environ.get("RIVERMOUTH_LOG_LEVEL", "info").lower(),
        )


@app.command()
def engine(
    data: Data = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="market:BTC-USDT, lane:binance, fold, events, stream, schedules, balances, trades"),
    ] = None,
) -> None:
    """The owners: markets, venue lanes, ledger fold, events, schedules."""
    with _serving("engine", data):
        from rivermouth.engine.main import main as run

        run(tuple(only or ()))


@app.command()
def worker(data: Data = None) -> None:
    """Celery worker: pokes, reports, bulk jobs."""
    with _serving("app", data):
        from rivermouth import worker as process

        process.main()


@app.command()
def beat(data: Data = None) -> None:
    """Celery beat: wakes whoever runs what is due."""
    with _serving("app", data):
        from rivermouth import beat as process

        process.main()


@app.command(context_settings=PASS_THROUGH)
def simulator(context: typer.Context) -> None:
    """Simulated venues that speak the Binance, Bitfinex, Kraken and OKX dialects."""
    from venues.simulator.process import main as run

    raise typer.Exit(run(context.args))


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the newest schema; run it as the owner."""
    with _addresses(data) as found:
        from rivermouth import migrate as migrations

        if found.owner is None:
            _fail("Set RIVERMOUTH_DATABASE_URL to the owner's address.")
        _refuse_superuser(found.owner)
        print(f"database at revision {migrations.upgrade(found.owner)}")


@app.command()
def check(data: Data = None) -> None:
    """Count every invariant of all tenants; exit 0 only when all hold."""
    with _serving("engine", data):
        from kernel import db
        from rivermouth import checks

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-check")
        results = checks.check_all()
        db.dispose()
        for result in results:
            print(f"{'ok    ' if result.ok else 'BROKEN'}  {result.count:>6}  {result.name}: {result.title}")
    raise typer.Exit(0 if all(result.ok for result in results) else 1)


@ledger.command("verify")
def ledger_verify(
    data: Data = None,
    archive: Annotated[Path | None, typer.Option(help="Folder of archived months to check as well")] = None,
) -> None:
    """Recompute the chain of seals; a row that differs is named. Exit 0 only when nothing does."""
    with _serving("engine", data):
        from rivermouth import ledger_tools

        intact = ledger_tools.verify(_data(data) / "seals", archive)
    raise typer.Exit(0 if intact else 1)


@ledger.command("rebuild")
def ledger_rebuild(data: Data = None) -> None:
    """Build all balances anew from the journal and the open holds, and say how many were wrong."""
    with _serving("engine", data):
        from rivermouth import ledger_tools

        ledger_tools.rebuild()


@ledger.command("snapshot")
def ledger_snapshot(data: Data = None) -> None:
    """Close the days that are over, and publish the head of the chain."""
    with _serving("engine", data):
        from rivermouth import ledger_tools

        ledger_tools.snapshot(_data(data) / "seals")


@ledger.command("partitions")
def ledger_partitions(
    data: Data = None,
    ahead: Annotated[int, typer.Option(min=0, max=24, help="Months to have ready after this one")] = 2,
    archive: Annotated[str | None, typer.Option(help="Month to archive, as 2026-01: the oldest one")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder for its files; default <data>/archive")] = None,
) -> None:
    """Make months ahead, list what is there, and archive the oldest month."""
    with _serving("engine", data):
        from rivermouth import ledger_tools

        done = ledger_tools.partitions(ahead=ahead, archive=archive, into=into or _data(data) / "archive")
    raise typer.Exit(0 if done else 1)


@app.command()
def reconcile(
    level: Annotated[str, typer.Option(help="single, batch or day")] = "day",
    day: Annotated[str | None, typer.Option("--date", help="A day of business, YYYY-MM-DD; default today")] = None,
    source: Annotated[str | None, typer.Option(help="balances, venue, wallet or statement; default all")] = None,
    scope: Annotated[str | None, typer.Option(help="An account, a venue, an order, a partner or a statement")] = None,
    file: Annotated[Path | None, typer.Option(help="A partner's statement (CSV) to keep and compare")] = None,
    partner: Annotated[str, typer.Option(help="Who made the statement")] = "partner",
    account: Annotated[str, typer.Option(help="Path of our account with the partner")] = "",
    tenant: Annotated[str | None, typer.Option(help="Default: the house")] = None,
    data: Data = None,
) -> None:
    """Compare our books with themselves and with everybody else's; exit 0 only when nobody has to look at anything."""
    from datetime import date
    from uuid import UUID

    from payments.reconciliation.states import Level

    try:
        chosen, when = Level(level), date.fromisoformat(day) if day else None
        house = UUID(tenant) if tenant else None
    except ValueError as error:
        _fail(str(error))
    with _serving("engine", data):
        from kernel import db
        from kernel.errors import DomainError
        from kernel.settings import settings
        from rivermouth import reconcile as reconciling

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=2, application_name="rivermouth-reconcile")
        statement = reconciling.Statement(file, partner, account) if file else None
        try:
            code = reconciling.run(
                house or settings().house_tenant, level=chosen, day=when, source=source, scope=scope, statement=statement
            )  # fmt: skip
        except (DomainError, OSError) as error:
            _fail(str(error))
        finally:
            db.dispose()
    raise typer.Exit(code)


@app.command("reconcile-limits")
def reconcile_limits(
    asset: Annotated[str, typer.Argument(help="Code of the asset")],
    dust: Annotated[str | None, typer.Option(help="A difference up to this is levelled from the rounding pool")] = None,
    daily_cap: Annotated[str | None, typer.Option(help="The pool levels at most this much in a day")] = None,
    in_transit_days: Annotated[int | None, typer.Option(min=1, help="How long a difference may be in transit")] = None,
    suspense_days: Annotated[int | None, typer.Option(min=1, help="How long an amount may lie in suspense")] = None,
    tenant: Annotated[str | None, typer.Option(help="Default: the house")] = None,
    data: Data = None,
) -> None:
    """Set what may be levelled without asking anybody; what is not given stays."""
    from datetime import timedelta
    from uuid import UUID

    with _serving("engine", data):
        from kernel import db
        from kernel.errors import DomainError
        from kernel.money import parse_amount
        from kernel.settings import settings
        from payments.reconciliation import service

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=2, application_name="rivermouth-reconcile")
        try:
            given = {name: parse_amount(text) for name, text in (("dust", dust), ("daily_cap", daily_cap)) if text}
            days = (("in_transit_for", in_transit_days), ("suspense_for", suspense_days))
            spans = {name: timedelta(days=number) for name, number in days if number}
            house = UUID(tenant) if tenant else settings().house_tenant
            now = service.set_limits(house, asset=asset, **given, **spans)
            print(f"{asset}: dust {now.dust}, daily cap {now.daily_cap}", end=", ")
            print(f"in transit {now.in_transit_for.days} days, in suspense {now.suspense_for.days} days")
        except (DomainError, ValueError) as error:
            _fail(str(error))
        finally:
            db.dispose()


@app.command("same-person")
def same_person(
    emails: Annotated[list[str], typer.Argument(help="E-mails of the accounts, two or more")],
    tenant: Annotated[str | None, typer.Option(help="Default: the house")] = None,
    data: Data = None,
) -> None:
    """Note that these accounts belong to one person, who approves nothing that one of them asked for."""
    from uuid import UUID

    if len(set(emails)) < 2:
        _fail("Name two accounts or more.")
    with _serving("engine", data):
        from identity import service as identity
        from kernel import db
        from kernel.errors import DomainError
        from kernel.settings import settings

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-same-person")
        try:
            count = identity.same_person(UUID(tenant) if tenant else settings().house_tenant, emails)
            print(f"one person with {count} accounts")
        except (DomainError, ValueError) as error:
            _fail(str(error))
        finally:
            db.dispose()


@app.command()
def openapi(output: Annotated[Path | None, typer.Option(help="File to write; default the screen")] = None) -> None:
    """Write the OpenAPI document; needs no database."""
    import json

    from rivermouth.http import create_app

    text = json.dumps(create_app().openapi(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")


@app.command()
def console(
    check: Annotated[
        bool, typer.Option("--check", help="Types, lint and unit tests of the application as well")
    ] = False,
) -> None:
    """Build the web console; `demo` does it by itself."""
    from consoles.build import BuildFailed
    from rivermouth import console as ours

    try:
        if check:
            ours.check(print)
        done = ours.ensure(print)
    except BuildFailed as error:
        _fail(str(error))
    print("built" if done else "up to date")


@app.command(context_settings=PASS_THROUGH)
def test(context: typer.Context) -> None:
    """Lint, types, floors and every test once; flags of pytest pass through."""
    _tool("tools.check", context.args)


@app.command(context_settings=PASS_THROUGH)
def prove(context: typer.Context) -> None:
    """The full counts of one promise, and docs/proof/<name>.md. Without a name: which there are."""
    _tool("tools.prove", context.args)


@app.command(context_settings=PASS_THROUGH)
def bench(context: typer.Context) -> None:
    """Ratios measured side by side in one run."""
    _tool("tools.bench", context.args)


@app.command()
def lock() -> None:
    """Make the locks again; `./run lock` does it, for it needs uv."""
    _fail("Use ./run lock in a checkout.")


def _tool(module: str, arguments: list[str]) -> NoReturn:
    root = Path(__file__).resolve().parent.parent
    if not (root / "tools").is_dir():
        _fail("This needs a checkout of the repository, not only the installed package.")
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def _data(given: Path | None) -> Path:
    return given or Path(".rivermouth")


@contextmanager
def _addresses(data: Path | None) -> Iterator[Addresses]:
    """The servers of this command; what can go wrong with them is said in one sentence."""
    from kernel.embedded import EmbeddedServerError
    from rivermouth import servers

    given = os.environ.get("RIVERMOUTH_DATABASE_URL") and os.environ.get("RIVERMOUTH_REDIS_URL")
    if not given and os.environ.get("RIVERMOUTH_MODE") == "production":
        _fail("In production RIVERMOUTH_DATABASE_URL and RIVERMOUTH_REDIS_URL must be set.")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        path = _data(data)
        directory = DataDirectory(path.absolute()) if given else DataDirectory.open(path)
        with servers.addresses(directory) as found:
            yield found
    except (AlreadyRunsError, EmbeddedServerError) as error:
        _fail(str(error))


@contextmanager
def _serving(role: str, data: Path | None) -> Iterator[None]:
    """Put the addresses where the settings read them, and refuse a superuser before anything starts."""
    with _addresses(data) as found:
        url = found.app if role == "app" else found.engine
        _refuse_superuser(url)
        os.environ["RIVERMOUTH_DATABASE_URL"], os.environ["RIVERMOUTH_REDIS_URL"] = url, found.redis
        if found.simulator:
            os.environ["RIVERMOUTH_SIMULATOR_URL"] = found.simulator
        yield


def _refuse_superuser(url: str) -> None:
    import psycopg

    from kernel import roles

    try:
        roles.refuse_superuser(url)
    except roles.SuperuserRefusedError as error:
        _fail(str(error))
    except psycopg.OperationalError as error:
        _fail(f"The database does not answer: {str(error).strip()}")


def _fail(sentence: str) -> NoReturn:
    print(f"rivermouth: {sentence}", file=sys.stderr)
    raise typer.Exit(1)


def main() -> None:
    app()
