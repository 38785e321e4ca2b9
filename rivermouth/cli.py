"""The `rivermouth` command. Every process of the product is one of its sub-commands.

Modules are imported inside the commands: a process loads only what it runs, and the API never loads an exchange client.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rivermouth.commands import custodian
from rivermouth.commands.audit import audit
from rivermouth.commands.keys import keys
from rivermouth.commands.ledger import ledger
from rivermouth.commands.screening import screening
from rivermouth.commands.serving import Data, addresses, data_of, fail, refuse_superuser, serving
from rivermouth.commands.tenants import tenants

app = typer.Typer(
    name="rivermouth",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A self-hosted brokerage: one price, one order desk, every cent in the journal.",
)
for group, name in (
    (ledger, "ledger"),
    (audit, "audit"),
    (screening, "screening"),
    (keys, "keys"),
    (tenants, "tenants"),
):
    app.add_typer(group, name=name)
app.command("custodian")(custodian.serve)
app.command("custodian-keys")(custodian.new_keys)
app.command("cold-sign")(custodian.cold_sign)
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

    raise typer.Exit(whole.main(data=data_of(data), port=port, recording=recording, console=console))


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
    with serving("app", data):
        import uvicorn

        from kernel.settings import settings
        from rivermouth import http, ports

        try:
            number = fd if fd is not None else ports.listen(port, host).detach()
        except ports.PortBusyError as error:
            fail(str(error))
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
        typer.Option(
            help="market:BTC-USDT, lane:binance, lane:smtp, fold, events, stream, notices, schedules, balances, trades"
        ),
    ] = None,
) -> None:
    """The owners: markets, venue lanes, ledger fold, events, schedules."""
    with serving("engine", data):
        from rivermouth.engine.main import main as run

        run(tuple(only or ()))


@app.command()
def worker(data: Data = None) -> None:
    """Celery worker: pokes, reports, bulk jobs."""
    with serving("app", data):
        from rivermouth import worker as process

        process.main()


@app.command()
def beat(data: Data = None) -> None:
    """Celery beat: wakes whoever runs what is due."""
    with serving("app", data):
        from rivermouth import beat as process

        process.main()


@app.command(context_settings=PASS_THROUGH)
def simulator(context: typer.Context) -> None:
    """Simulated venues that speak the Binance, Bitfinex, Kraken and OKX dialects."""
    from venues.simulator.process import main as run

    raise typer.Exit(run(context.args))


@app.command()
def mails(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1")],
    folder: Annotated[Path, typer.Option(help="Where each mail is kept as a file")],
) -> None:
    """The sandbox's mail server: takes every mail, sends none on, keeps them."""
    from notices.mails import sink
    from rivermouth import readiness

    sink.main(port=port, folder=folder, announce=readiness.announce)


@app.command()
def mailbox(
    data: Data = None,
    to: Annotated[str | None, typer.Option(help="Only mails to this address")] = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first")] = 5,
) -> None:
    """Show the mails that a demo sent, with the links in them."""
    from rivermouth.sandbox import mails as kept

    folder = (data or Path(".rivermouth")) / kept.FOLDER
    found = kept.newest(folder, recipient=to, limit=limit)
    if not found:
        print(f"No mail {f'to {to} ' if to else ''}in {folder}.")
    for mail in found:
        print(f"{mail.date}\nto {mail.recipient}: {mail.subject}\n\n{mail.body.strip()}\n\n{'=' * 72}")


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the newest schema; run it as the owner."""
    with addresses(data) as found:
        from rivermouth import migrate as migrations

        if found.owner is None:
            fail("Set RIVERMOUTH_DATABASE_URL to the owner's address.")
        refuse_superuser(found.owner)
        print(f"database at revision {migrations.upgrade(found.owner)}")


@app.command()
def check(data: Data = None) -> None:
    """Count every invariant of all tenants; exit 0 only when all hold."""
    with serving("engine", data):
        from kernel import db
        from rivermouth import checks

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-check")
        results = checks.check_all()
        db.dispose()
        for result in results:
            print(f"{'ok    ' if result.ok else 'BROKEN'}  {result.count:>6}  {result.name}: {result.title}")
    raise typer.Exit(0 if all(result.ok for result in results) else 1)


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
        fail(str(error))
    with serving("engine", data):
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
            fail(str(error))
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

    with serving("engine", data):
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
            fail(str(error))
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
        fail("Name two accounts or more.")
    with serving("engine", data):
        from identity import service as identity
        from kernel import db
        from kernel.errors import DomainError
        from kernel.settings import settings

        db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-same-person")
        try:
            count = identity.same_person(UUID(tenant) if tenant else settings().house_tenant, emails)
            print(f"one person with {count} accounts")
        except (DomainError, ValueError) as error:
            fail(str(error))
        finally:
            db.dispose()


@app.command()
def login(
    url: Annotated[
        str | None, typer.Option(envvar="RIVERMOUTH_URL", help="Address of the house; default the running demo's")
    ] = None,
    client: Annotated[str, typer.Option(help="Client id of this terminal; default the demo's")] = "",
    trade: Annotated[bool, typer.Option("--trade", help="Ask for permission to trade as well")] = False,
    save: Annotated[Path | None, typer.Option(help="File for the token; default <data>/login.json")] = None,
    data: Data = None,
) -> None:
    """Log this terminal in by a code or its QR code, which you confirm in the browser; no password is typed here."""
    import httpx

    from rivermouth import login as logging_in
    from rivermouth.data_directory import DataDirectory
    from rivermouth.seed import TERMINAL

    path = save or data_of(data) / "login.json"
    demo = DataDirectory(data_of(data)).addresses()
    address = url or (demo and demo.http) or "http://localhost:8000"
    try:
        with httpx.Client(base_url=address) as http:
            scope = "read trade" if trade else "read"
            tokens = logging_in.login(http, client_id=client or TERMINAL, scope=scope, say=print)
        logging_in.keep(tokens, path, base_url=address)
    except (logging_in.LoginFailed, httpx.InvalidURL, OSError) as error:
        fail(str(error))
    print(f"Logged in, may: {tokens['scope']}. The token is in {path}.")


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
        fail(str(error))
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


@app.command("audit-deps", context_settings=PASS_THROUGH)
def audit_deps(context: typer.Context) -> None:
    """Whether anything in the locks is known to be broken; 3 when the advisories cannot be reached."""
    _tool("tools.deps", ["audit-deps", *context.args])


@app.command()
def sbom() -> None:
    """The bill of materials: dist/rivermouth.cdx.json."""
    _tool("tools.deps", ["sbom"])


@app.command()
def lock() -> None:
    """Make the locks again; `./run lock` does it, for it needs uv."""
    fail("Use ./run lock in a checkout.")


def _tool(module: str, arguments: list[str]) -> NoReturn:
    root = Path(__file__).resolve().parent.parent
    if not (root / "tools").is_dir():
        fail("This needs a checkout of the repository, not only the installed package.")
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


def main() -> None:
    app()
