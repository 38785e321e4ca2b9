"""Treasury in a house for tests: venues and wallets that say what they hold, the engine's work by hand, and the routes of its staff."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line
from payments.journal import service as journal
from tests.notice_board import advance, as_engine, consume
from wallet_bridge.alerts import watch
from wallet_bridge.daily import tasks as days
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds
from wallet_bridge.levels import service as levels

D = Decimal


class TreasuryDesk:
    """Of the first tenant of a house."""

    def __init__(self, house):
        self.house, self.tenant = house, house.first

    def clean(self):
        with self.house.sql("superuser") as connection:
            connection.execute(
                "TRUNCATE wallet_bridge.funds, wallet_bridge.wallet_reports, wallet_bridge.lines, wallet_bridge.outflows,"
                " wallet_bridge.balance_history, wallet_bridge.alerts, wallet_bridge.told_days, kernel.outbox, notices.notices CASCADE"
            )

    # the world
    def says(self, venue="okx", **free):
        """The venue's next report, of everything it has."""
        with db.transaction(tenant=self.tenant) as tx:
            funds.store_report(tx, venue, {asset: (D(amount), D(amount)) for asset, amount in free.items()})

    def wallet_says(self, wallet="ethereum", **amounts):
        with db.transaction(tenant=self.tenant) as tx:
            funds.report_wallet(tx, wallet, {asset: D(amount) for asset, amount in amounts.items()})

    def owns(self, venue="okx", **amounts):
        """House capital that treasury brings there, or takes away."""
        with db.transaction(tenant=self.tenant) as tx:
            for asset, amount in amounts.items():
                postings.fund_venue(tx, venue=venue, asset=asset, amount=D(amount), key=str(uuid7()))

    def owns_wallet(self, wallet="ethereum", **amounts):
        with db.transaction(tenant=self.tenant) as tx:
            for asset, amount in amounts.items():
                custody = accounts.house(
                    tx, path=f"wallet.{wallet}", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit"
                )
                capital = accounts.house(
                    tx, path="house.capital", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
                )
                lines = [Line(custody, -D(amount)), Line(capital, D(amount))]
                journal.post(tx, [JournalIn(key=f"s/wallet:{uuid7()}", kind="venue_funding", lines=lines)])

    def holds(self, venue="okx", **amounts):
        """Owned and reported alike."""
        self.owns(venue, **amounts)
        self.says(venue, **amounts)

    def leaves(self, venue="okx", fee="0", **amounts):
        """Customers take it from there, and the venue charges for it."""
        with db.transaction(tenant=self.tenant) as tx:
            for asset, amount in amounts.items():
                custody = funds.custody_account(tx, venue=venue, asset=asset)
                outside = accounts.house(
                    tx, path="external.deposits", asset=asset, kind=AccountKind.EXTERNAL, normal_side="debit"
                )
                cost = accounts.house(
                    tx, path="expense.venue_fee", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit"
                )
                lines = [
                    Line(custody, D(amount)),
                    Line(outside, -D(amount)),
                    Line(custody, D(fee)),
                    Line(cost, -D(fee)),
                ]
                entry = JournalIn(key=f"s/left:{uuid7()}", kind="left", lines=[one for one in lines if one.amount])
                journal.post(tx, [entry])

    def silent(self, since, *, place="funds"):
        """All reports are older than they are."""
        with self.house.sql("superuser") as connection:
            connection.execute(
                f"UPDATE wallet_bridge.{place} SET reported_at = reported_at - CAST(%s AS interval)", (since,)
            )

    # the engine
    def engine(self):
        return as_engine(self.house.database, back_to=self.house.database.app)

    def watch(self, after="0"):
        with self.engine():
            advance(after)
            watch.watch(self.now())

    def sample(self, after="0"):
        with self.engine():
            advance(after)
            levels.sample(self.tenant, self.now())

    def morning(self):
        with self.engine():
            days.tell(self.now())

    def told(self):
        """Every event reaches inbox and channels."""
        with self.engine():
            consume()

    def advance(self, by):
        """Long ago: nothing of the time before can still be booked."""
        with self.engine():
            advance(by)
        with self.house.sql("superuser") as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("UPDATE kernel.clock SET changed_at = now() - interval '1 hour'")

    @staticmethod
    def now():
        with db.transaction() as tx:
            return tx.now

    # the staff
    def ask(self, method, path, body=None, who=Role.TREASURY, **headers):
        answer = self.house.client.request(
            method, f"/v1/treasury{path}", json=body, headers=headers | self.house.auth(who)
        )
        assert answer.status_code < 500, answer.text
        return answer

    def line(self, location="venue:okx", asset="USDT", warning="100", critical="50", **more):
        body = {"location": location, "asset": asset, "warning": warning, "critical": critical, **more}
        return self.ask("POST", "/lines", body)

    def balance(self, location="venue:okx", asset="USDT"):
        items = self.ask("GET", "/balances").json()["items"]
        return next((i for i in items if (i["location"], i["asset"]) == (location, asset)), None)

    def level(self, location="venue:okx", asset="USDT"):
        return self.balance(location, asset)["level"]

    def alerts(self, state="open"):
        return self.ask("GET", f"/alerts?state={state}").json()["items"]

    def standing(self):
        """(place, asset, kind, level, how often) of what is open."""
        return sorted((a["location"], a["asset"], a["kind"], a["level"], a["times"]) for a in self.alerts())

    def events(self):
        """(topic, payload) of treasury's since the last clean, in order."""
        with self.house.sql("superuser") as connection:
            rows = connection.execute("SELECT topic, payload FROM kernel.outbox ORDER BY xid, id").fetchall()
        return [(topic.split(".")[1], payload) for topic, payload in rows if topic.startswith("treasury.")]

    def topics(self):
        return [topic for topic, _ in self.events()]

    def notices(self, who):
        with self.house.sql("superuser") as connection:
            return connection.execute(
                "SELECT kind, params FROM notices.notices WHERE principal_id = %s ORDER BY id", (self._id(who),)
            ).fetchall()

    def _id(self, who) -> UUID:
        return self.house.ids[who]
