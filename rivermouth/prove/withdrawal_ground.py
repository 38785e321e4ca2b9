"""Where the withdrawals of the proof go out: a real node, a hot wallet that holds something there, keys, and who stands in the middle.

Nothing else of the proof knows the custodian from inside.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from kernel import clock, roles, signing
from kernel.signing import Signer
from rivermouth import ports
from rivermouth.prove.lost_replies import LostReplies, by_question, by_route
from rivermouth.prove.own_servers import own_servers
from rivermouth.prove.withdrawal_house import COIN, DECIMALS, FINAL, HOT, NETWORK, TOKEN
from wallet_bridge.custodian import database as custodian_database
from wallet_bridge.custodian import house as custodian_house
from wallet_bridge.custodian import localnet, networks
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil
from wallet_bridge.custodian.localnet.token import Manners, Token, placed

OF_CUSTODIAN = {
    "POST /v1/transfers": 0.6, "GET /v1/transfers": 0.6, "POST /v1/transfers/{id}/cancel": 0.5, "GET /v1/events": 0.3, "": 0.2,
}  # fmt: skip
OF_NODE = {"eth_sendRawTransaction": 0.6, "": 0.003}


@dataclass(frozen=True, slots=True)
class World:
    """Addresses of the servers: the owner's of a migrated, empty database, and of an empty one for the custodian."""

    database: str
    redis: str
    custody: str
    anvil: Anvil


@contextmanager
def own_world() -> Iterator[World]:
    with own_servers() as (database, redis), tempfile.TemporaryDirectory(prefix="rm-chain-") as folder:
        with psycopg.connect(roles.conninfo(database.replace(roles.OWNER, "postgres")), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE custody OWNER {roles.OWNER}")
        anvil = Anvil(localnet.ensure(print), ports.free(), Path(folder) / "anvil.log")
        node = anvil.spawn()
        try:
            _await(anvil.ready, within_s=60)
            yield World(database, redis, database.replace("/proof?", "/custody?"), anvil)
        finally:
            node.kill()
            node.wait(10)


@dataclass(slots=True)
class Ground:
    """The chain with what the hot wallet holds there, keys, and who stands in the middle."""

    anvil: Anvil
    token: Token
    hot: str
    first: int
    env: dict[str, str]
    bridge: Signer
    port: int
    to_node: LostReplies
    to_custodian: LostReplies

    @classmethod
    def laid(cls, world: World, folder: Path, rng: random.Random) -> Ground:
        anvil, seed, port, bridge = world.anvil, os.urandom(32), ports.free(), Signer("bridge", os.urandom(32))
        custodian_database.upgrade(world.custody)
        token = placed(anvil, to_checksum_address(secrets.token_bytes(20)), Manners())
        to_node = LostReplies(anvil.port, by_question, OF_NODE, random.Random(rng.random()))
        to_custodian = LostReplies(port, by_route, OF_CUSTODIAN, random.Random(rng.random()))
        first = int(anvil.ask("eth_blockNumber"), 16) + 1
        file = folder / "networks.json"
        file.write_text(json.dumps({NETWORK: _network(to_node.url, token, first)}))
        hot = custodian_house.build(networks.read(file), Seed(seed)).hot(NETWORK)
        anvil.ask("anvil_setBalance", hot, hex(int(HOT[COIN].scaleb(DECIMALS[COIN]))))
        token.hold(hot, int(HOT[TOKEN].scaleb(DECIMALS[TOKEN])))
        env = {
            "RIVERMOUTH_MODE": "sandbox",
            "RIVERMOUTH_CUSTODIAN_DATABASE_URL": world.custody,
            "RIVERMOUTH_CUSTODIAN_NETWORKS": str(file),
            "RIVERMOUTH_CUSTODIAN_SEED": base64.b64encode(seed).decode(),
            "RIVERMOUTH_CUSTODIAN_SIGNING_KEY": signing.shown({"custodian": os.urandom(32)}),
            "RIVERMOUTH_CUSTODIAN_CLIENTS": signing.shown({bridge.key_id: bridge.public_key}),
            "RIVERMOUTH_LOG_LEVEL": "warning",
        }
        return cls(anvil, token, hot, first, env, bridge, port, to_node, to_custodian)

    def serves(self) -> bool:
        """Asked while it starts, when nobody may wait for it."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=0.05)
        try:
            asked.request("GET", "/healthz")
            return asked.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def held(self) -> dict[str, Decimal]:
        """By the chain."""
        coins = int(self.anvil.ask("eth_getBalance", self.hot, "latest"), 16)
        return {
            COIN: Decimal(coins).scaleb(-DECIMALS[COIN]),
            TOKEN: Decimal(self.token.held(self.hot)).scaleb(-DECIMALS[TOKEN]),
        }


def _network(node: str, token: Token, first: int) -> dict[str, Any]:
    assets = {COIN: {"decimals": DECIMALS[COIN]}, TOKEN: {"decimals": DECIMALS[TOKEN], "contract": token.address}}
    return {
        "kind": "evm", "rpc": node, "chain_id": CHAIN_ID, "native": COIN, "assets": assets, "confirmations": FINAL,
        "first_block": first, "poll_s": 0.1, "bump_after_s": 2,
    }  # fmt: skip


def _await(holds: Callable[[], bool], *, within_s: float) -> None:
    until = clock.monotonic() + within_s
    while not holds():
        if clock.monotonic() > until:
            raise TimeoutError
        time.sleep(0.05)
