"""The demo's own chain and whoever keeps its keys: a local node, a custodian with a database of its own, and what the house offers there.

A machine that cannot have a node, and a demo on somebody else's database, say so: there is everything but deposits and withdrawals.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql

from kernel import crypto, db, npm, signing
from kernel.clock import wall
from kernel.embedded import Postgres
from kernel.signing import Signer
from rivermouth import ports
from rivermouth.data_directory import DataDirectory
from wallet_bridge.custodian import localnet
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil
from wallet_bridge.custody import service as custody
from wallet_bridge.funds import postings
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.service import Offer
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message

NETWORK, COIN = "ethereum", "ETH"
BLOCK_S = 2
CONFIRMATIONS, FINAL = 3, 6
HOT = Decimal(500)
ROLE = DATABASE = "rivermouth_custodian"
SWITCH = "RIVERMOUTH_DEMO_CHAIN"
FOLDER = "custodian"
_BRIDGE, _URL = "bridge.keys", "url"
_WEI = 10**18


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
    folder = data / FOLDER
    return Wire((folder / _URL).read_text(), _signer(folder / _BRIDGE))


@dataclass(frozen=True, slots=True)
class DemoWallet:
    """What to start, and what the product has to know of it."""

    anvil: Anvil
    port: int
    wire: Wire
    custodian: dict[str, str]
    product: dict[str, str]

    def endow(self, tenant: UUID) -> None:
        """The hot wallet holds what the books say that it holds, and the house offers its network. Safe to run at every start."""
        rows = self.wire.ask("GET", "/v1/balances")["items"]
        hot = next(row for row in rows if row["wallet"] == "hot" and row["network"] == NETWORK)
        with db.transaction(tenant=tenant) as tx:
            networks.put(tx, OFFER)
            account = custody.custody_account(tx, network=NETWORK, asset=COIN)
            postings.fund_wallet(
                tx, account=account, network=NETWORK, asset=COIN, amount=HOT, key=f"seed:{NETWORK}:{COIN}"
            )
        if Decimal(hot["confirmed"]) == 0:
            self.anvil.ask("anvil_setBalance", hot["address"], hex(int(HOT) * _WEI))


OFFER = Offer(
    network=NETWORK, asset=COIN, title="Ethereum (demo chain)", kind="evm", deposits=True, withdrawals=True,
    confirmations=CONFIRMATIONS, final_confirmations=FINAL, memo_required=False, minimum_deposit=Decimal("0.001"),
    minimum_withdrawal=Decimal("0.005"), withdrawal_fee=Decimal("0.001"), fee_asset=COIN, fee_cap=Decimal("0.01"), explorer=None,
)  # fmt: skip


def node(say: Callable[[str], None]) -> Path | None:
    """The node's binary; None where this machine has none, or the demo was asked to go without."""
    if os.environ.get(SWITCH) == "off":
        return None
    if any(find_spec(name) is None for name in ("embit", "eth_account")):
        say("no deposits and withdrawals on a chain: the libraries of `rivermouth[custodian]` are not installed")
        return None
    try:
        return localnet.ensure(say)
    except (localnet.NoNodeHere, npm.NpmFailed) as error:
        say(f"no deposits and withdrawals on a chain; everything else starts. {error}")
        return None


def prepare(directory: DataDirectory, postgres: Postgres, binary: Path) -> DemoWallet:
    """Keys and files are there afterwards, and the custodian's database in the running server."""
    folder = directory.path / FOLDER
    bridge, signer = _signer(folder / _BRIDGE), _signer(folder / "custodian.keys")
    seed = next(iter(crypto.read_keys(crypto.own_list(folder / "seed.keys")).values()))
    anvil = Anvil(binary, ports.free(), directory.log("chain"), block_time_s=BLOCK_S, state=folder / "chain.json")
    file = folder / "networks.json"
    file.write_text(json.dumps({NETWORK: _network(anvil)}, indent=2))
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
        "RIVERMOUTH_CHAIN_URL": anvil.url,
    }
    return DemoWallet(anvil, port, Wire(url, bridge), custodian, product)


def _signer(file: Path) -> Signer:
    return Signer(*next(iter(crypto.read_keys(crypto.own_list(file)).items())))


def _network(anvil: Anvil) -> dict[str, Any]:
    return {
        "kind": "evm", "rpc": anvil.url, "chain_id": CHAIN_ID, "native": COIN, "assets": {COIN: {"decimals": 18}},
        "confirmations": FINAL, "first_block": 0, "poll_s": 0.5, "bump_after_s": 60,
    }  # fmt: skip


def _database(postgres: Postgres) -> None:
    """A role that owns a database, which nobody else enters."""
    with postgres.admin() as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(ROLE)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            names = {"name": sql.Identifier(DATABASE), "role": sql.Identifier(ROLE)}
            connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {role}").format(**names))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
