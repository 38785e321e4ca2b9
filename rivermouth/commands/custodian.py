"""`rivermouth custodian` and `rivermouth custodian-keys`: the reference custodian, a program with keys and a database of its own.

It reads none of the product's settings but its own, and starts nothing: whoever keeps keys names every address.
"""

from __future__ import annotations

import base64
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from rivermouth.commands.serving import Data, data_of, fail

if TYPE_CHECKING:
    from fastapi import FastAPI

PORT = 8100


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; a busy one is an error")] = PORT,
) -> None:
    """The reference custodian: keeps keys, reads chains and pays. Run as many copies as you like."""
    import uvicorn

    from rivermouth import ports
    from rivermouth.heads import BoundedHttp

    app = _app()
    try:
        number = ports.listen(port, host).detach()
    except ports.PortBusyError as error:
        fail(str(error))
    level = os.environ.get("RIVERMOUTH_LOG_LEVEL", "info").lower()
    uvicorn.run(
        app, fd=number, http=BoundedHttp, proxy_headers=False, server_header=False, access_log=False,
        timeout_graceful_shutdown=5, log_level=level,
    )  # fmt: skip


def _app() -> FastAPI:
    """With its database as this version needs it; what stands against that is said in one sentence."""
    if any(find_spec(name) is None for name in ("embit", "eth_account")):
        fail("The custodian needs more libraries than the product: install `rivermouth[custodian]`.")
    from psycopg import Error
    from sqlalchemy.exc import DBAPIError

    from kernel import db
    from wallet_bridge.custodian import database, process
    from wallet_bridge.custodian.settings import SettingsUnfit, read

    try:
        settings, _networks = read()
        db.configure(settings.database_url, pool_size=1, application_name="rivermouth-custodian")
        database.upgrade(settings.database_url)
        return process.create_app(settings)
    except SettingsUnfit as error:
        fail(str(error))
    except db.SuperuserRefused:
        fail("RIVERMOUTH_CUSTODIAN_DATABASE_URL names a superuser: the custodian does not start as one.")
    except (DBAPIError, Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        fail(f"The custodian's database cannot be used ({type(cause).__name__}): RIVERMOUTH_CUSTODIAN_DATABASE_URL.")


def new_keys() -> None:
    """Print a fresh seed, the custodian's signing key, and a bridge's key pair. Nothing is stored."""
    from kernel import signing
    from kernel.signing import Signer

    own, bridge = Signer("custodian", os.urandom(32)), Signer("bridge", os.urandom(32))
    private, public = (
        [signing.shown({one.key_id: one.seed}) for one in (own, bridge)],
        [signing.shown({one.key_id: one.public_key}) for one in (own, bridge)],
    )
    print("# For the custodian. Whoever has the seed has the money: keep it off-line too.")
    print(f"RIVERMOUTH_CUSTODIAN_SEED={base64.b64encode(os.urandom(32)).decode()}")
    print(f"RIVERMOUTH_CUSTODIAN_SIGNING_KEY={private[0]}")
    print(f"RIVERMOUTH_CUSTODIAN_CLIENTS={public[1]}")
    print("# For the bridge: what it signs with, and what it believes the custodian by.")
    print(f"# signs with: {private[1]}")
    print(f"# believes:   {public[0]}")


def cold_sign(
    holder: Annotated[int, typer.Argument(min=1, max=3, help="Which of the three holders signs")],
    data: Data = None,
) -> None:
    """The demo only: sign what stands on standard input (a PSBT, or a Safe's typed data) as a holder of its cold wallets."""
    from embit.base import EmbitError

    from rivermouth.data_directory import CUSTODIAN
    from wallet_bridge.custodian.localnet.holders import Holders
    from wallet_bridge.custodian.localnet.owners import Owners

    folder = data_of(data) / CUSTODIAN
    if not folder.is_dir():
        fail(f"There is no demo with a cold wallet in {folder.parent}.")
    try:
        text = sys.stdin.read().strip()
        people = Owners.kept(folder) if text.startswith("{") else Holders.kept(folder)
        print(people.sign(holder - 1, text))
    except (ValueError, EmbitError) as error:
        fail(f"This cannot be signed: {error}")
