"""Reserves on a real database: snapshots as the engine makes them, and what customers are owed, counted another way."""

from decimal import Decimal

from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import move
from rivermouth import earn_parts
from rivermouth.checks import INVARIANTS
from tests.ledger_books import as_engine
from wallet_bridge.reserves import building, claims, queries, service
from wallet_bridge.reserves.schemas import proof_out, reserves_out
from wallet_bridge.reserves.states import SnapshotState

D = Decimal
for _name, _claim in earn_parts.CLAIMS.items():  # as the registry does
    claims.register(_name, _claim)


def snapshot(books):
    """Ask for one as staff does, and let the engine work it off."""
    asked = service.ask(tenant=books.tenant, by=uuid7(), key=None).id
    with as_engine(books.database):
        building.work_off()
    return service.read(books.tenant, asked)


def published(books):
    """The public answer."""
    found = service.page(books.tenant, states=service.PUBLIC, before=None, limit=100)
    return [reserves_out(one).model_dump(mode="json") for one in found]


def proof(books, customer, snapshot_id=None):
    return proof_out(service.proof(books.tenant, customer=customer, snapshot_id=snapshot_id)).model_dump(mode="json")


def liabilities_by_the_journals(books):
    """By asset: all entries ever made on accounts that are customers', and on those of earn's principal."""
    rows = books.engine.execute(
        """SELECT s.code, sum(e.amount) FROM payments.entries e JOIN payments.accounts a USING (account_id)
             JOIN payments.assets s ON s.asset_id = a.asset_id
            WHERE a.tenant_id = %s AND a.realm = 'REAL'
              AND (a.kind IN ('customer', 'pledged', 'liquidation') OR a.path LIKE 'earn.principal.%%')
            GROUP BY s.code HAVING sum(e.amount) <> 0""",
        (books.tenant,),
    ).fetchall()
    return dict(rows)


def pledge(books, customer, amount, asset="BTC"):
    """Collateral of a loan."""
    with books.tx() as tx:
        account = accounts.ensure(
            tx, path=f"loan:{uuid7()}:{asset}", asset=asset, kind=AccountKind.PLEDGED, guarded=True, owner=customer
        )
        payer = accounts.customer(tx, customer_id=customer, asset=asset)
    books.post(*move(payer, account, D(amount)), kind="test")
    return account


def custody(books, path, amount, asset="USDT", kind=AccountKind.CUSTODY):
    with books.tx() as tx:
        account = accounts.house(tx, path=path, asset=asset, kind=kind, normal_side="debit")
        capital = accounts.house(tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")
    books.post(*move(account, capital, D(amount)), kind="test")


def broken(books):
    """Names of invariants of the reserves that do not hold."""
    ours = [each for each in INVARIANTS if each.name.startswith("reserves_")]
    assert len(ours) == 2
    return {each.name for each in ours if books.engine.execute(each.sql).fetchone()[0]}


def incidents(books):
    rows = books.engine.execute(
        "SELECT name, detail FROM payments.incidents WHERE tenant_id = %s AND state = 'open'", (books.tenant,)
    ).fetchall()
    return dict(rows)


def state(books, snapshot_id):
    with books.tx() as tx:
        return SnapshotState(queries.get(tx, snapshot_id).state)
