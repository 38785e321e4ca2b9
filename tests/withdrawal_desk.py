"""What tests of withdrawals share: a house that pays out, customers with money and an address, and a custodian that says what a test wants."""

from __future__ import annotations

import itertools
import json
import secrets
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from identity.tenants import service as tenants
from identity.tenants.service import Wish
from identity.tenants.states import Product
from kernel import clock, db, outbox, roles
from kernel.ids import uuid7
from kernel.settings import settings
from payments.invariants import INVARIANTS as LEDGER
from rivermouth import wallet_parts
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from tests.possessions import THINGS, World
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.funds import postings as funding
from wallet_bridge.invariants import INVARIANTS as WALLET
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.queries import Offer
from wallet_bridge.wire.schemas import TransferOut
from wallet_bridge.withdrawals.listening import Withdrawals

D = Decimal
LIMITS = {
    "withdrawal_single": "50000", "withdrawal_day": "100000", "withdrawal_unreviewed": "10000", "withdrawal_new_address": "10000",
}  # fmt: skip
NETWORK = "ethereum"
_second = itertools.count(1)


def address():
    return "0x" + secrets.token_hex(20)


def offer(**changed):
    given = {
        "network": NETWORK, "asset": "USDT", "title": "Ethereum", "kind": "evm", "deposits": True, "withdrawals": True,
        "confirmations": 2, "final_confirmations": 4, "memo_required": False, "minimum_deposit": D(1), "minimum_withdrawal": D(2),
        "withdrawal_fee": D(1), "fee_asset": "ETH", "fee_cap": D("0.01"), "explorer": "https://explorer.example/tx/{txid}",
    }  # fmt: skip
    return Offer(**given | changed)


class Person:
    """A customer of the first house, logged in a moment ago: which is a proof."""

    def __init__(self, desk, *, tenant=None):
        self.desk, self.tenant = desk, tenant or desk.house.first
        self.email = f"{uuid7().hex[-12:]}@mail.example"
        self.id = principals.ensure_customer(self.tenant, email=self.email, password=PASSWORD)
        answer = desk.house.login(self.email)
        assert answer.status_code == 201, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def ask(self, method, path, body=None, **headers):
        return self.desk.house.client.request(method, f"/v1{path}", headers=self.headers | headers, json=body)

    def has(self, asset="USDT"):
        """(available, held)"""
        rows = {row["asset"]: row for row in self.ask("GET", "/balances").json()["items"]}
        row = rows.get(asset, {"available": "0", "held": "0"})
        return D(row["available"]), D(row["held"])

    def add(self, to=None, network=NETWORK, memo=None, label="Mine", **headers):
        return self.ask(
            "POST",
            "/address-book",
            {"network": network, "address": to or address(), "memo": memo, "label": label},
            **headers,
        )

    def book(self, to=None, **rest):
        """An address that may be used now."""
        made = self.add(to, **rest)
        assert made.status_code == 201, made.text
        self.desk.ripen(made.json()["id"])
        return made.json()["id"]

    def withdraw(self, amount, to, *, asset="USDT", network=NETWORK, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        body = {"asset": asset, "network": network, "amount": amount, "address_id": to}
        return self.ask("POST", "/withdrawals", body, **headers)

    def made(self, amount, to, **rest):
        answer = self.withdraw(amount, to, **rest)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def look(self, withdrawal_id):
        answer = self.ask("GET", f"/withdrawals/{withdrawal_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()


class WithdrawalDesk:
    def __init__(self, house):
        self.house = house
        self.limits(**LIMITS)
        self.offer()
        self.reviewers = ["treasury@first.example", "compliance@first.example"]
        self.tokens = {}

    # the house
    def superuser(self, statement, *values):
        """Past triggers and policies."""
        with psycopg.connect(roles.conninfo(self.house.database.superuser), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            done = connection.execute(statement, values or None)
            return done.fetchall() if done.description else None

    def limits(self, **limits):
        self.superuser(
            "UPDATE identity.policies SET limits = %s, version = version + 1 WHERE tenant_id = %s",
            json.dumps(limits), self.house.first,
        )  # fmt: skip

    def offer(self, *, tenant=None, **changed):
        with db.transaction(tenant=tenant or self.house.first) as tx:
            networks.put(tx, offer(**changed))

    @contextmanager
    def paying_nothing_out(self):
        """Withdrawals are switched off meanwhile."""

        def offered(*products):
            wanted = Wish({"products": frozenset(products)})
            tenants.change(tenant=self.house.first, by=self.house.ids[Role.ADMIN], wish=wanted)

        offered(*(product for product in Product if product is not Product.WITHDRAWALS))
        try:
            yield
        finally:
            offered(*Product)

    def ripen(self, entry_id):
        """The delay of an address is over."""
        self.superuser("UPDATE wallet_bridge.address_book SET active_from = created_at WHERE id = %s", entry_id)

    # people
    def customer(self, funds="100", asset="USDT", **rest):
        made = Person(self, **rest)
        if D(funds):
            self.credit(made, funds, asset)
        return made

    def credit(self, person, amount, asset="USDT"):
        with db.transaction(tenant=person.tenant) as tx:
            funding.deposit(tx, customer_id=person.id, asset=asset, amount=D(amount), key=str(uuid7()))

    def deposit_address(self, person, to, *, memo=None, network=NETWORK):
        """Where a customer receives."""
        self.superuser(
            "INSERT INTO wallet_bridge.deposit_addresses (tenant_id, id, customer_id, network, asset, status, address, memo, created_at,"
            " ready_at) VALUES (%s, %s, %s, %s, 'USDT', 'ready', %s, %s, now(), now())",
            person.tenant, uuid7(), person.id, network, to, memo,
        )  # fmt: skip

    def loan(self, person, **columns):
        """A row of one, whatever made it so."""
        world = World.__new__(World)
        world.house, world._shapes = self.house, {}
        thing = THINGS["loan"]
        given = {"tenant_id": person.tenant, "customer_id": person.id, "product_id": uuid7()}
        return world._insert(thing, given | thing.columns | columns)

    def staff(self, who, method, path, body=None, **headers):
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        given = {"Authorization": f"Bearer {self.tokens[who]}"} | headers
        return self.house.client.request(method, f"/v1{path}", headers=given, json=body)

    def release(self, withdrawal_id, *, by=0):
        answer = self.staff(self.reviewers[by], "POST", f"/withdrawals/{withdrawal_id}/release")
        assert answer.status_code == 202, answer.text
        return answer.json()["approval_id"]

    def agree(self, approval_id, *, by=1):
        who = self.reviewers[by]
        shown = self.staff(who, "GET", f"/approvals/{approval_id}").json()
        return self.staff(who, "POST", f"/approvals/{approval_id}/approve", {"digest": shown["digest"]})

    def run_events(self):
        with as_engine(self.house.database):
            while sum(outbox.consume(consumer) for consumer in wallet_parts.CONSUMERS):
                pass

    # the custodian
    def intents(self, withdrawal_id, kind="custody.transfer"):
        """What was asked of the custodian for it: (state, payload)."""
        return self.superuser(
            "SELECT state, payload FROM kernel.calls WHERE kind = %s AND ref = %s", kind, str(self.ref(withdrawal_id))
        )

    def ref(self, withdrawal_id):
        return Ref(RefKind.WITHDRAWAL, self.house.first, withdrawal_id)

    def sent(self, withdrawal_id):
        """The lane sent it, and nobody has answered yet."""
        self.superuser("UPDATE kernel.calls SET state = 'sent' WHERE ref = %s", str(self.ref(withdrawal_id)))

    def said(self, made, state, *, after=None, confirmations=0, reason=None, **other):
        """What the custodian reports; `after` seconds of its own clock, or later than everything before."""
        at = clock.wall() + timedelta(seconds=next(_second) if after is None else after)
        said = {
            "id": str(uuid7()), "client_ref": str(self.ref(made["id"])), "state": state, "source": "hot", "network": made["network"],
            "asset": made["asset"], "amount": made["amount"], "destination": {"type": "address", "address": made["address"]},
            "address": made["address"], "memo": made["memo"], "fee_cap": "0.01", "fee": None,
            "txid": "0x" + "ab" * 32 if state in {"signed", "broadcast", "confirming", "final"} else None,
            "confirmations": confirmations, "reason": reason, "attempts": [], "created_at": at, "updated_at": at,
        }  # fmt: skip
        return TransferOut.model_validate(said | other)

    def report(self, made, state, **said):
        """The custodian says it, and we hear."""
        with self.listening(made["id"]) as (tx, listener, ref):
            listener.seen(tx, ref, self.said(made, state, **said))

    def listening(self, withdrawal_id):
        return _Listening(self, withdrawal_id)

    # the books
    def posted(self, path):
        rows = self.superuser(
            "SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x"
            " WHERE a.tenant_id = %s AND a.path = %s",
            self.house.first, path,
        )  # fmt: skip
        return rows[0][0] if rows else D(0)

    def broken(self):
        """Invariants that do not hold, with how often."""
        found = {one.name: self.superuser(one.sql)[0][0] for one in (*WALLET, *LEDGER)}
        return {name: count for name, count in found.items() if count}

    def told(self, topic):
        rows = self.superuser("SELECT payload FROM kernel.outbox WHERE topic = %s ORDER BY id", topic)
        return [row[0] for row in rows]


class _Listening:
    """A transaction of the engine, the listener, and the reference it is told of."""

    def __init__(self, desk, withdrawal_id):
        self.desk, self.ref = desk, desk.ref(withdrawal_id)

    def __enter__(self):
        self.engine = as_engine(self.desk.house.database)
        self.engine.__enter__()
        self.transaction = db.transaction(tenant=self.desk.house.first)
        return self.transaction.__enter__(), Withdrawals(), self.ref

    def __exit__(self, *error):
        try:
            self.transaction.__exit__(*error)
        finally:
            self.engine.__exit__(*error)


@pytest.fixture(scope="module")
def paying_house(house):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_CUSTODIAN_URL", "http://127.0.0.1:1")  # nobody is there, and nobody is asked
        settings.cache_clear()
        yield WithdrawalDesk(house)
    settings.cache_clear()


@pytest.fixture
def payouts(paying_house):
    """Whatever a test did, each withdrawal has its hold or its journal, and the books are right."""
    paying_house.limits(**LIMITS)
    paying_house.offer()
    yield paying_house
    assert paying_house.broken() == {}
