"""Whoever keeps the keys of the demo's chains: a custodian with a database of its own, and what the house offers and owns there.

A machine that cannot have a node, and a demo on somebody else's database, say so: there is everything but deposits and withdrawals.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import sql

from kernel import crypto, db, signing
from kernel.clock import wall
from kernel.db import Tx
from kernel.embedded import Postgres
from kernel.signing import Signer
from rivermouth import ports
from rivermouth.data_directory import CUSTODIAN, DataDirectory
from wallet_bridge.custody import service as custody
from wallet_bridge.funds import postings
from wallet_bridge.networks import service as networks
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message

if TYPE_CHECKING:
    from rivermouth.demo_chains import DemoChain, Prepare

ROLE = DATABASE = "rivermouth_custodian"
SWITCH = "RIVERMOUTH_DEMO_CHAIN"
_BRIDGE, _URL = "bridge.keys", "url"


@dataclass(frozen=True, slots=True)
class Wire:
    """The custodian as its bridge may speak to it."""

    url: str
    bridge: Signer

    def ask(self, method: str, target: str, body: Any = None) -> Any:
        """One signed question.

        Raises:
            HTTPError: it says no.
        """
        content = b"" if body is None else json.dumps(body).encode()
        signed = wire.sign(self.bridge, Message("custodian", method, target, content), now=wall().timestamp())
        headers = {**signed, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + target, content or None, headers, method=method)  # noqa: S310  our own
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


def wire_of(data: Path) -> Wire:
    """Of the demo that runs with this data."""
    folder = data / CUSTODIAN
    return Wire((folder / _URL).read_text(), _signer(folder / _BRIDGE))


@dataclass(frozen=True, slots=True)
class DemoWallet:
    """What to start, and what the product has to know of it."""

    chains: Sequence[DemoChain]
    port: int
    wire: Wire
    custodian: dict[str, str]
    product: dict[str, str]

    def endow(self, tenant: UUID) -> None:
        """Its wallets hold what the books say that they hold, and the house offers its networks. Safe to run at every start."""
        rows = self.wire.ask("GET", "/v1/balances")["items"]
        hot = {row["network"]: row["address"] for row in rows if row["wallet"] == "hot"}
        with db.transaction(tenant=tenant) as tx:
            for chain in self.chains:
                for offer in chain.offers:
                    networks.put(tx, offer)
                for asset, amount in chain.owned.items():
                    _book(tx, chain.network, asset, amount)
        for chain in self.chains:
            chain.endow(hot[chain.network])
            chain.run()


def _book(tx: Tx, network: str, asset: str, amount: Decimal) -> None:
    account = custody.custody_account(tx, network=network, asset=asset)
    key = f"seed:{network}:{asset}"
    postings.fund_wallet(tx, account=account, network=network, asset=asset, amount=amount, key=key)


def chains(say: Callable[[str], None]) -> Sequence[Prepare]:
    """Those that this machine can have, to be prepared; none where the demo was asked to go without."""
    if os.environ.get(SWITCH) == "off":
        return []
    if any(find_spec(name) is None for name in ("embit", "eth_account")):
        say("no deposits and withdrawals on a chain: the libraries of `rivermouth[custodian]` are not installed")
        return []
    from rivermouth import demo_chains  # noqa: PLC0415  they are here

    return demo_chains.to_be_had(say)


def prepare(directory: DataDirectory, postgres: Postgres, wanted: Sequence[Prepare]) -> DemoWallet:
    """Keys and files are there afterwards, and the custodian's database in the running server."""
    folder = directory.path / CUSTODIAN
    bridge, signer = _signer(folder / _BRIDGE), _signer(folder / "custodian.keys")
    seed = next(iter(crypto.read_keys(crypto.own_list(folder / "seed.keys")).values()))
    made = [prepare(directory, folder) for prepare in wanted]
    file = folder / "networks.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({chain.network: chain.as_served() for chain in made}, indent=2))
    _database(postgres)
    port = ports.free()
    url = f"http://127.0.0.1:{port}"
    (folder / _URL).write_text(url)
    custodian = {
        "RIVERMOUTH_CUSTODIAN_DATABASE_URL": postgres.url(ROLE, DATABASE),
        "RIVERMOUTH_CUSTODIAN_NETWORKS": str(file),
        "RIVERMOUTH_CUSTODIAN_SEED": base64.b64encode(seed).decode(),
        "RIVERMOUTH_CUSTODIAN_SIGNING_KEY": crypto.own_list(folder / "custodian.keys"),
        "RIVERMOUTH_CUSTODIAN_CLIENTS": signing.shown({bridge.key_id: bridge.public_key}),
    }
    product = {
        "RIVERMOUTH_CUSTODIAN_URL": url,
        "RIVERMOUTH_CUSTODIAN_PUBLIC_KEYS": signing.shown({signer.key_id: signer.public_key}),
        "RIVERMOUTH_BRIDGE_SIGNING_KEY": crypto.own_list(folder / _BRIDGE),
    }
    for chain in made:
        product |= chain.settings
    return DemoWallet(made, port, Wire(url, bridge), custodian, product)


def _signer(file: Path) -> Signer:
    return Signer(*next(iter(crypto.read_keys(crypto.own_list(file)).items())))


def _database(postgres: Postgres) -> None:
    """A role that owns a database, which nobody else enters."""
    with postgres.admin() as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(ROLE)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            names = {"name": sql.Identifier(DATABASE), "role": sql.Identifier(ROLE)}
            connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {role}").format(**names))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
