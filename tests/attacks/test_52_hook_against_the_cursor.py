"""Attack 52: the custodian's webhook says final, and chain or cursor say otherwise: nothing of a hook is believed, the cursor decides, once."""

from __future__ import annotations

import asyncio
import json
import os

import psycopg
import pytest

from kernel import clock, db, roles, signing
from kernel.ids import uuid7
from kernel.settings import settings
from kernel.signing import Signer
from tests.integration.deposits.conftest import deposits
from wallet_bridge.custody import listeners, queries, reading
from wallet_bridge.custody.client import CustodianAway
from wallet_bridge.deposits.arriving import Arrivals
from wallet_bridge.deposits.states import DepositStatus
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message

__all__ = ["deposits"]

PATH = "/v1/custodian/hooks"
SIGNER = Signer("custodian", os.urandom(32))


@pytest.fixture
def door(house, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_CUSTODIAN_PUBLIC_KEYS", signing.shown({"custodian": SIGNER.public_key}))
    settings.cache_clear()
    yield house
    settings.cache_clear()


def books(house):
    """How much there is of everything that a deposit would change."""
    tables = (
        "wallet_bridge.deposits",
        "wallet_bridge.stuck_events",
        "payments.journals",
        "kernel.outbox",
        "kernel.calls",
    )
    with psycopg.connect(roles.conninfo(house.database.superuser)) as connection:
        counted = [connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]
        return [*counted, connection.execute("SELECT max(seq) FROM wallet_bridge.cursors").fetchone()]


def claim(**changed):
    deposit = {
        "network": "ethereum", "txid": "0x" + "ab" * 32, "output": 0, "asset": "ETH", "amount": "1000", "address": "0xaa", "memo": None,
        "owner_ref": None, "height": 9, "block": "0xb", "confirmations": 99, "final_at": 6,
    }  # fmt: skip
    return deposit | changed


def test_52_a_signed_hook_that_claims_a_final_deposit_moves_nothing(door):
    before = books(door)
    claims = [
        {"seq": 10**9, "type": "deposit.final", "data": claim()},
        {"type": "transfer.final", "data": {"client_ref": f"w/{door.first}/{uuid7()}", "state": "final"}},
        {"events": [{"seq": 1, "type": "deposit.final", "data": claim()}], "head": 1},
    ]
    for body in (json.dumps(one).encode() for one in claims):
        headers = dict(wire.sign(SIGNER, Message("bridge", "POST", PATH, body), now=clock.wall().timestamp()))
        answers = [door.client.post(PATH, content=body, headers=headers).status_code for _ in range(3)]
        assert answers == [202, 401, 401]
    assert books(door) == before


class Told:
    """A custodian whose list of events says this, whatever is asked."""

    def __init__(self, *events, head=None):
        self.items, self.head = list(events), head or len(events)

    async def get(self, path, query):
        items = [one for one in self.items if one["seq"] > query["after"]]
        return {"items": items, "head": self.head}


def event(seq, kind, **data):
    return {"seq": seq, "id": str(uuid7()), "type": kind, "at": clock.wall().isoformat(), "data": claim(**data)}


@pytest.fixture
def cursor(deposits, monkeypatch):
    """The books of a house whose reader stands at the beginning."""
    monkeypatch.setattr(listeners, "_deposits", [Arrivals()])
    monkeypatch.setenv("RIVERMOUTH_HOUSE_TENANT", str(deposits.tenant))
    settings.cache_clear()
    yield deposits
    settings.cache_clear()


def stands():
    with db.read_only() as tx:
        return queries.cursor(tx)


def statuses(books):
    return [
        row[0]
        for row in books.engine.execute(
            "SELECT status FROM wallet_bridge.deposits WHERE tenant_id = %s", (books.tenant,)
        )
    ]


def test_52_an_event_called_final_counts_as_deep_as_its_block_lies(cursor):
    asyncio.run(reading.read(Told(event(1, "deposit.final", confirmations=1))))
    assert statuses(cursor) == [DepositStatus.SEEN]
    assert cursor.wallet() == 0


def test_52_the_cursor_read_twice_books_once_and_the_chain_has_the_last_word(cursor):
    events = [event(1, "deposit.seen", confirmations=1), event(2, "deposit.final", confirmations=6)]
    for _ in range(2):
        asyncio.run(reading.read(Told(*events)))
    assert cursor.wallet() == cursor.on("deposits.suspense:ETH") == 1000
    asyncio.run(reading.read(Told(*events, event(3, "deposit.orphaned", confirmations=0))))
    assert statuses(cursor) == [DepositStatus.REVERSED]
    assert cursor.wallet() == cursor.on("deposits.suspense:ETH") == 0


def test_52_a_list_that_leaves_an_event_out_is_not_believed_and_whoever_is_on_call_sees_it(cursor):
    async def read():
        try:
            await reading.read(Told(event(2, "deposit.final"), head=2))
        except CustodianAway as error:
            await reading.trouble(error)

    asyncio.run(read())
    assert (stands().seq, statuses(cursor)) == (0, [])
    assert "2 follows 0" in stands().last_error
