"""A business day with as many rows due as one wants: one subscription of each kind is bought at the product's door, the others are copies.

Every row that the purchase wrote (order, hold, journal with its key and lines, leg, move of stock, subscription, plan, caps) is copied
in bulk under other ids, amounts and customers, whose deposits are posted by the product; so before the first payout all invariants hold.
Only the fingerprints of the copied journals are the pattern's: nobody repeats their keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from earn.instances import service as instances
from earn.subscriptions import service as subscriptions
from earn.subscriptions.service import Caller, Wish
from earn.templates import service as templates
from earn.templates.schemas import EarnTemplateIn
from identity.principals import service as principals
from kernel import db, roles
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from payments.chart import JournalIn, move
from payments.inventory import service as inventory
from rivermouth.prove import postings

ASSET = "USDT"
UNITS = 10**6
APR_PERCENT, DAYS = 5, 7
AMOUNTS = 997
"""Principals differ: 100, 110, … 10,060."""
PART = 20_000
SPARE = Decimal(5)
"""What everybody has beside what they subscribe."""
SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True)
class Kind:
    """Half of the subscriptions get the first of two coupons, the others interest and principal at their maturity."""

    place: int
    payout: str
    tenor: str


KINDS = (Kind(0, "weekly", "14D"), Kind(1, "at_maturity", "7D"))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that fall due at one moment: a business day begins in each zone at its own. `hot` of them belong to one customer."""

    place: int
    name: str
    zone: str
    rows: int
    hot: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was really bought of one kind in one group, and its template."""

    group: int
    kind: int
    template: UUID
    subscription: UUID


class PayoutBook:
    """The day's rows, written as a superuser who sets up a house."""

    def __init__(self, database: str, tenant: UUID) -> None:
        """`database` is the owner's address; the others differ in the role alone."""
        self.tenant, self.database = tenant, database
        self.connection = psycopg.connect(roles.conninfo(self.url(SUPERUSER)), autocommit=True)
        self.connection.execute("SELECT set_config('app.tenant', %s, false)", [str(tenant)])
        self.patterns: list[Pattern] = []

    def url(self, role: str) -> str:
        return self.database.replace(roles.OWNER, role)

    def close(self) -> None:
        self.connection.close()

    def pass_until(self, at: datetime) -> None:
        """Business time is at least this from now on."""
        self.connection.execute(
            'UPDATE kernel.clock SET "offset" = greatest("offset", %s - now()) WHERE %s > kernel.business_now()',
            [at, at],
        )

    def fill(self, groups: Sequence[Group], *, people: int) -> date:
        """Write the rows of all groups; answers the business day on which they are due."""
        now = self.connection.execute("SELECT kernel.business_now()").fetchone()
        assert now is not None, "the clock is a row"
        sold_on: date = now[0].date() + timedelta(days=1)
        self.pass_until(datetime(sold_on.year, sold_on.month, sold_on.day, 6, tzinfo=ZoneInfo("UTC")))
        self._wish(groups, people)
        for group in groups:
            for kind in KINDS:
                self.patterns.append(self._buy_one(group, kind, sold_on))
        self._deposit()
        fold()
        self._copy_all()
        fold()
        self.connection.execute("ANALYZE")  # what autovacuum does in a house that grew over months
        return sold_on + timedelta(days=1 + DAYS)

    # What is wanted ------------------------------------------------------------------------------------------------------------------

    def _wish(self, groups: Sequence[Group], people: int) -> None:
        """Which customer subscribes what, and what the day must bring, calculated in whole units."""
        run = self.connection.execute
        run("CREATE SCHEMA prove")
        run(
            "CREATE TABLE prove.people (n integer PRIMARY KEY, owner uuid NOT NULL DEFAULT uuidv7(), account_id bigint)"
        )
        run("INSERT INTO prove.people (n) SELECT generate_series(0, %s)", [people])  # 0 is the hot one
        run(
            """UPDATE prove.people p SET account_id = o.account_id
                 FROM prove.people q CROSS JOIN LATERAL payments.account_open('REAL', %s, 'customer', format('customer:%%s:%%s', q.owner,
                      %s::text), q.owner, true, 0, 'credit') o WHERE q.n = p.n""",
            [ASSET, ASSET],
        )
        run(
            """CREATE TABLE prove.wanted (n bigint PRIMARY KEY, grp integer NOT NULL, kind integer NOT NULL, owner uuid NOT NULL,
                      account_id bigint NOT NULL, principal numeric NOT NULL, interest numeric NOT NULL, back numeric NOT NULL,
                      id uuid NOT NULL DEFAULT uuidv7(), order_id uuid NOT NULL DEFAULT uuidv7(), hold_id uuid NOT NULL DEFAULT uuidv7(),
                      move_id uuid NOT NULL DEFAULT uuidv7(), journal_id uuid NOT NULL DEFAULT uuidv7())"""
        )
        first = 0
        for group in groups:
            run(
                """INSERT INTO prove.wanted (n, grp, kind, owner, account_id, principal, interest, back)
                   SELECT %(first)s + i, %(grp)s, i %% 2, p.owner, p.account_id, a.principal,
                          trunc(a.principal * %(units)s * %(percent)s * %(days)s / 36500) / %(units)s,
                          CASE WHEN i %% 2 = 1 THEN a.principal ELSE 0 END
                     FROM generate_series(0, %(rows)s - 1) i
                     CROSS JOIN LATERAL (SELECT CAST(100 + 10 * (i %% %(amounts)s) AS numeric)) a (principal)
                     JOIN prove.people p ON p.n = CASE WHEN i < %(hot)s THEN 0 ELSE 1 + i %% %(people)s END""",
                {
                    "first": first, "grp": group.place, "rows": group.rows, "hot": group.hot, "people": people, "amounts": AMOUNTS,
                    "units": UNITS, "percent": APR_PERCENT, "days": DAYS,
                },
            )  # fmt: skip
            first += group.rows
        run("CREATE INDEX ON prove.wanted (grp, kind, n)")

    def _buy_one(self, group: Group, kind: Kind, sold_on: date) -> Pattern:
        """A template of this zone, and one subscription of it by a customer of its own at the product's door."""
        terms = {
            "apr": f"0.0{APR_PERCENT}", "payout": kind.payout, "tenor": kind.tenor, "daily_quota": "1000000000000", "minimum": "100",
            "step": "10", "zone": group.zone,
        }  # fmt: skip
        wish = EarnTemplateIn.model_validate({"name": f"{group.name} {kind.payout}", "asset": ASSET, "terms": terms})
        templates.ensure(self.tenant, wish.wish())
        with db.transaction(tenant=self.tenant) as tx:
            template: UUID = tx.scalar("SELECT id FROM earn.templates WHERE name = :name", name=wish.name)
            instances.plan(tx, template)
        email = f"pattern{group.place}{kind.place}@prove.example"
        customer = principals.ensure_customer(self.tenant, email=email, password="prove-rivermouth")  # noqa: S106  nobody logs in
        with db.transaction(tenant=self.tenant) as tx:
            account = accounts.customer(tx, customer_id=customer, asset=ASSET)
            outside = _outside(tx)
            postings.post(tx, _deposit(outside, account, Decimal(100) + SPARE, str(customer)))
        days = instances.calendar(self.tenant, sold_on, template_id=template)[1]
        one = next(day.instance for day in days if day.instance.dates.sale_date == sold_on)
        seen = Wish(one.id, Decimal(100), one.terms.tiers[0].apr, one.version)
        bought = subscriptions.subscribe(Caller(self.tenant, customer), seen).id
        self.connection.execute(
            """INSERT INTO prove.wanted (n, grp, kind, owner, account_id, principal, interest, back, id)
               VALUES (%s, %s, %s, %s, %s, 100, trunc(100.0 * %s * %s * %s / 36500) / %s, %s, %s)""",
            [-1 - 2 * group.place - kind.place, group.place, kind.place, customer, account, UNITS, APR_PERCENT, DAYS, UNITS,
             100 * kind.place, bought],
        )  # fmt: skip
        return Pattern(group.place, kind.place, template, bought)

    # The copies ----------------------------------------------------------------------------------------------------------------------

    def _deposit(self) -> None:
        """Each customer gets what they subscribe, and something to spare, through the ledger's own door."""
        found = self.connection.execute(
            """SELECT p.account_id, p.owner, coalesce(sum(w.principal), 0) FROM prove.people p LEFT JOIN prove.wanted w USING (account_id)
                GROUP BY 1, 2 ORDER BY 1"""
        ).fetchall()
        with db.transaction(tenant=self.tenant) as tx:
            outside = _outside(tx)
        postings.post_many(self.tenant, (_deposit(outside, row[0], row[2] + SPARE, str(row[1])) for row in found))

    def _copy_all(self) -> None:
        for pattern in self.patterns:
            ids = self.connection.execute(
                """SELECT s.order_id, o.hold_id, j.journal_id FROM earn.subscriptions s JOIN payments.orders o USING (order_id)
                     JOIN payments.journals j ON j.order_id = s.order_id AND j.kind = 'payment' WHERE s.id = %s""",
                [pattern.subscription],
            ).fetchone()
            assert ids is not None, "it was bought at the product's door"
            numbers = self.connection.execute(
                "SELECT min(n), max(n) FROM prove.wanted WHERE grp = %s AND n >= 0", [pattern.group]
            ).fetchone()
            assert numbers is not None, "a smallest and a largest are one row"
            for first in range(numbers[0], numbers[1] + 1, PART):
                with self.connection.transaction():
                    self.connection.execute(
                        "SET LOCAL session_replication_role = replica"
                    )  # foreign keys were looked at in the pattern
                    _Copies(self.connection, pattern, first).write(*ids)
                fold(at_most=1)


class _Copies:
    """Some tens of thousands of copies of one subscription, in one transaction."""

    def __init__(self, connection: psycopg.Connection, pattern: Pattern, first: int) -> None:
        self._connection, self._pattern = connection, pattern
        self._window = {"grp": pattern.group, "kind": pattern.kind, "first": first, "last": first + PART - 1}

    def write(self, order: UUID, hold: UUID, journal: UUID) -> None:
        mine, amount, copy = "CASE WHEN p.hold_id IS NULL THEN {} ELSE {} END", "w.principal", self._copy
        reference = "replace(p.reference, p.order_id::text, w.order_id::text)"
        copy(
            "payments.holds", "hold_id", hold,
            hold_id="w.hold_id", account_id="w.account_id", amount=amount, captured=amount, order_id="w.order_id", reference=reference,
        )  # fmt: skip
        copy(
            "payments.orders", "order_id", order,
            order_id="w.order_id", user_id="w.owner", qty="w.principal / p.price", amount=amount, hold_id="w.hold_id",
            payer_account="w.account_id",
        )  # fmt: skip
        copy("payments.order_legs", "order_id", order, order_id="w.order_id", amount=amount)
        copy(
            "payments.inv_moves", "order_id", order,
            id="w.move_id", order_id="w.order_id", actor="w.owner::text", d_on_hand="w.principal * p.d_on_hand / 100",
            d_reserved="w.principal * p.d_reserved / 100", xid=None,
        )  # fmt: skip
        copy("payments.journal_keys", "journal_id", journal, journal_id="w.journal_id", key="'s/pay:' || w.order_id")
        copy(
            "payments.journals", "journal_id", journal,
            journal_id="w.journal_id", order_id="w.order_id", actor="w.owner::text",
        )  # fmt: skip
        copy(
            "payments.entries", "journal_id", journal,
            journal_id="w.journal_id", account_id=mine.format("p.account_id", "w.account_id"), amount="sign(p.amount) * w.principal",
            held_delta=mine.format("p.held_delta", "-w.principal"), hold_id=mine.format("NULL", "w.hold_id"), xid=None,
        )  # fmt: skip
        self._copy_subscription(amount)
        self._projections()

    def _copy_subscription(self, amount: str) -> None:
        earned = f"trunc(w.principal * {UNITS * APR_PERCENT * DAYS} * {{}} / 36500) / {UNITS}"
        self._copy(
            "earn.subscriptions", "id", self._pattern.subscription,
            id="w.id", customer_id="w.owner", order_id="w.order_id", account_id="w.account_id", principal=amount,
        )  # fmt: skip
        self._copy(
            "earn.repayment_rows", "subscription_id", self._pattern.subscription,
            subscription_id="w.id", principal="CASE WHEN p.principal = 0 THEN 0 ELSE w.principal END",
            interest=f"{earned.format('p.seq')} - {earned.format('(p.seq - 1)')}",
        )  # fmt: skip

    def _copy(self, table: str, key: str, value: UUID, /, **columns: str | None) -> None:
        """As many rows as are wanted of each row of the pattern; a column that is not named is the pattern's, None its default."""
        schema, _, name = table.partition(".")
        found = self._connection.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position""",
            [schema, name],
        ).fetchall()
        names = [row[0] for row in found if columns.get(row[0], "") is not None]
        assert columns.keys() <= {row[0] for row in found}, f"{table} has no such column: {sorted(columns)}"
        values = ", ".join(columns.get(each) or f"p.{each}" for each in names)
        text = f"""INSERT INTO {table} ({", ".join(names)}) SELECT {values} FROM prove.wanted w CROSS JOIN {table} p
                    WHERE p.{key} = '{value}' AND w.grp = %(grp)s AND w.kind = %(kind)s AND w.n BETWEEN %(first)s AND %(last)s"""
        self._connection.execute(text.encode(), self._window)

    def _projections(self) -> None:
        """What was held and reserved until the fold has seen the entries and the moves; and what counts against caps."""
        these = "FROM prove.wanted w WHERE w.grp = %(grp)s AND w.kind = %(kind)s AND w.n BETWEEN %(first)s AND %(last)s"
        window = self._window | {"pattern": self._pattern.subscription}
        for text in (
            f"""UPDATE payments.balances b SET held = b.held + t.amount
                  FROM (SELECT w.account_id, sum(w.principal) AS amount {these} GROUP BY 1) t WHERE b.account_id = t.account_id""",
            f"""UPDATE payments.inventory i SET reserved = i.reserved + (SELECT coalesce(sum(w.principal), 0) / 10 {these})
                  FROM earn.instances d JOIN earn.subscriptions s ON s.instance_id = d.id
                 WHERE s.id = %(pattern)s AND i.tenant_id = d.tenant_id AND i.sku = d.sku""",
            f"""INSERT INTO earn.caps AS c (tenant_id, customer_id, template_id, day, taken)
                SELECT p.tenant_id, t.owner, p.template_id, p.day, t.amount
                  FROM (SELECT w.owner, sum(w.principal) AS amount {these} GROUP BY 1) t
                  CROSS JOIN (SELECT k.* FROM earn.caps k JOIN earn.subscriptions s USING (tenant_id, customer_id, template_id)
                               WHERE s.id = %(pattern)s) p
                ON CONFLICT (tenant_id, customer_id, template_id, day) DO UPDATE SET taken = c.taken + excluded.taken""",
        ):
            self._connection.execute(text.encode(), window)


def fold(*, at_most: int = 10**9) -> int:
    """Bring the projections up to the journal, as the engine's folder does; answers how many entries that were."""
    folded = 0
    for _ in range(at_most):
        done = balances.fold(limit=50_000).folded
        inventory.fold(limit=50_000)
        if not done:
            break
        folded += done
    while at_most > 1 and inventory.fold(limit=50_000):
        pass
    return folded


def _outside(tx: db.Tx) -> int:
    return accounts.house(tx, path="external.deposits", asset=ASSET, kind=AccountKind.EXTERNAL, normal_side="debit")


def _deposit(outside: int, account: int, amount: Decimal, whose: str) -> JournalIn:
    return JournalIn(key=f"s/prove-deposit:{whose}", kind="deposit", lines=move(outside, account, amount))
