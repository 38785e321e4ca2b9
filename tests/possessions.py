"""One of everything, for whoever it shall belong to: rows that are just whole enough to be found, written past the product.

A table's columns are filled by their types and the words their CHECKs permit, so a new kind of thing is one line in `THINGS`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import crypto, db
from kernel.ids import uuid7
from payments.products import service as products
from tests.earn_desk import EARN_TERMS
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from tests.product_desk import LOAN_TERMS
from wallet_bridge.funds import postings


@dataclass(frozen=True)
class Thing:
    """`owner`: the column with whose it is; None: the house's. `private`: nobody else of the house sees it either.

    `sealed`: what stands encrypted in a column; `parts`: the column of another table that refers to this thing → the row there.
    """

    table: str
    owner: str | None = None
    private: bool = False
    key: str = "id"
    columns: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)  # column → the thing it belongs to
    people: tuple[str, ...] = ()  # columns that name somebody of the house, whoever
    sealed: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, Thing] = field(default_factory=dict)


def _later(**span):
    return lambda: datetime.now(UTC) + timedelta(**span)


def _program():
    return "rmc_" + secrets.token_urlsafe(16)


_DEPOSIT = {
    "network": "ethereum", "asset": "USDT", "amount": Decimal(1), "confirmations": 9, "confirmations_to_credit": 2,
    "confirmations_to_final": 4,
}  # fmt: skip
THINGS = {
    "api_key": Thing(
        "identity.api_keys",
        "principal_id",
        private=True,
        columns={"scopes": ["read"], "sealed_secret": None, "public_key": lambda: secrets.token_bytes(32),
                 "key": lambda: "rmk_" + secrets.token_urlsafe(32)},
    ),
    "passkey": Thing("identity.passkeys", "principal_id", private=True),
    "session": Thing(
        "identity.sessions", "principal_id", private=True,
        columns={"expires_at": _later(hours=1)},
    ),
    "approval": Thing(
        "identity.approvals", people=("maker",), columns={"kind": "payments.transfer", "permission": "transfers:approve", "read_permission": "transfers:read"}
    ),
    "policy_change": Thing(
        "identity.policy_changes",
        columns={"loosens": ["custody"], "state": "ended", "reason": "x", "ended_at": _later()} | {
            side: Jsonb({"custody": "own", "whitelist_delay_h": 1, "change_delay_h": 1, "limits": {}}) for side in ("before", "after")
        },
    ),
    "tenant": Thing("", key="tenant"),
    "customer": Thing("", key="id"),
    "staff": Thing("identity.principals", columns={"kind": "staff", "roles": ["support"]}),
    "oauth_client": Thing(
        "identity.oauth_clients",
        columns={"key": _program, "grants": ["client_credentials"], "scopes": ["read"], "redirect_uris": [],
                 "secret_hash": lambda: secrets.token_bytes(32)},
    ),
    "program": Thing(  # as it calls itself
        "identity.oauth_clients", key="key",
        columns={"key": _program, "grants": ["authorization_code"], "scopes": ["read"], "redirect_uris": ["https://program.example/"]},
    ),
    "oauth_connection": Thing(
        "identity.oauth_connections", "principal_id", private=True,
        columns={"scopes": ["read"], "state": "proposed"}, parents={"client_id": "oauth_client"},
    ),
    "device": Thing(  # by the code that it shows
        "identity.oauth_devices", key="user_code",
        columns={"scopes": ["read"], "state": "pending", "expires_at": _later(minutes=9),
                 "user_code": lambda: "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))},
        parents={"client_id": "oauth_client"},
    ),
    # Decided ones: a customer has one that is open, and no more.
    "kyc_case": Thing(
        "identity.kyc_cases", "customer_id",
        columns={"state": "approved", "country": "GB", "provider": "local", "submitted_at": _later(), "decided_by": uuid7,
                 "decided_at": _later(), "reason": "seen"},
        sealed={"sealed_applicant": b'{"full_name": "Ann Example", "birth_date": "1990-01-31", "country": "GB"}'},
    ),
    "kyc_document": Thing(
        "identity.kyc_documents", columns={"media_type": "application/pdf"}, parents={"case_id": "kyc_case"},
        parts={"document_id": Thing("identity.kyc_files", key="document_id", sealed={"sealed": b"%PDF-"})},
    ),
    "screening": Thing(
        "identity.screenings", "customer_id",
        columns={"state": "cleared", "lists": Jsonb([]), "hits": Jsonb([]), "decided_by": uuid7, "decided_at": _later(), "reason": "seen"},
    ),
    "channel": Thing(
        "notices.channels", columns={"topics": ["ledger"], "service": "slack"}, sealed={"sealed_address": b"slack://a/b/c"},
    ),
    "treasury_alert": Thing(
        "wallet_bridge.alerts", people=("acked_by",),
        columns={"kind": "below_line", "state": "open", "acked_at": _later(), "cleared_at": None, "location": lambda: "venue:" + secrets.token_hex(8)},
    ),
    "notice": Thing("notices.notices", "principal_id", private=True, columns={"kind": "password_changed", "params": Jsonb({"at": "2026-01-01T00:00:00+00:00"}), "in_inbox": True}),
    "webhook": Thing("notices.webhooks", "principal_id", private=True, columns={"kinds": ["order.filled"]}),
    "delivery": Thing(
        "notices.deliveries", private=True, columns={"state": "delivered", "kind": "order.filled"}, parents={"webhook_id": "webhook"}
    ),
    "account": Thing("", "owner", key="account"),
    "journal": Thing("", key="journal"),
    "transfer": Thing(
        "payments.transfers", "created_by",
        columns={"status": "awaiting_approval", "kind": "transfer", "realm": "REAL"}, parents={"from_account": "account"},
    ),
    "payment_order": Thing("payments.orders", "user_id", key="order_id", columns={"state": "pending", "realm": "REAL", "expires_at": _later(hours=1)}, parents={"sku": "product"}),
    "product": Thing("", key="product"),
    "funding_line": Thing("lending.funding_lines", columns={"adapter": "ledger", "asset": "USDT", "rate": Decimal("0.05"), "day_count": "actual/365"}),
    "loan_product": Thing(
        "lending.loan_products", columns={"version": 1, "status": "draft", "asset": "USDT", "terms": Jsonb(LOAN_TERMS)},
        parents={"funding_line_id": "funding_line"},
    ),
    "earn_template": Thing("earn.templates", columns={"version": 1, "status": "draft", "asset": "USDT", "terms": Jsonb(EARN_TERMS)}),
    "deposit": Thing(
        "wallet_bridge.deposits", "customer_id",
        columns=_DEPOSIT | {"status": "held", "place": "held", "booked": Decimal(1), "journal_id": uuid7, "reason": "account_shut"},
    ),
    "suspense": Thing(
        "wallet_bridge.deposits", columns=_DEPOSIT | {"status": "suspense", "place": "suspense", "booked": Decimal(1), "journal_id": uuid7}
    ),
    "cold_spend": Thing("wallet_bridge.cold_spends", columns={"state": "waiting_approval", "network": "ethereum", "approved_by": None}),
    "treasury_address": Thing("wallet_bridge.venue_addresses", columns={"state": "waiting", "network": "tron", "approved_by": None}),
    "treasury_transfer": Thing(
        "wallet_bridge.treasury_transfers", columns={"state": "draft", "source": "binance", "destination": "okx", "network": "tron",
                                                     "approved_by": None, "minutes": 10, "settled_by": None},
        parents={"address_id": "treasury_address"},
    ),
    "earn_coupon": Thing(
        "earn.coupons", columns={"status": "draft", "asset": "USDT", "templates": [], "ends_at": _later(days=9), "used": 0}
    ),
    "subscription": Thing(
        "earn.subscriptions", "customer_id",
        columns={"asset": "USDT", "zone": "UTC", "status": "active", "maturity": lambda: datetime.now(UTC).date() + timedelta(days=60)},
        parents={"template_id": "earn_template", "instance_id": "earn_instance"},
    ),
    "earn_instance": Thing(
        "earn.instances",
        columns={"version": 1, "asset": "USDT", "terms": Jsonb(EARN_TERMS), "closes_at": _later(days=2),
                 "maturity": lambda: datetime.now(UTC).date() + timedelta(days=60)},
        parents={"template_id": "earn_template", "sku": "product"},
    ),
    "loan_quote": Thing("lending.loan_quotes", "customer_id", columns={"version": 1, "tenor_days": 30}, parents={"product_id": "loan_product"}),
    "loan": Thing(
        "lending.loans", "customer_id",
        columns={"version": 1, "asset": "USDT", "status": "repaid", "principal": 0,
                 "origination": Jsonb({"debt": "1", "fee": "0", "tenor_days": 30, "collateral": {}})},
        parents={"product_id": "loan_product"},
    ),
    "export": Thing("payments.exports", columns={"what": "journals", "realm": "REAL"}),
    "liquidation": Thing(
        "lending.liquidations", columns={"cause": "line", "mode": "FULL", "status": "done", "plan": Jsonb({}), "budget": Decimal("0.01"),
                                         "owed": Jsonb({"principal": "1", "interest": "0", "fee": "0", "penalty": "0"})},
        parents={"loan_id": "loan"},
    ),
    "import": Thing("payments.imports", columns={"state": "awaiting_approval", "dry_run": False, "realm": "REAL"}),
    "run": Thing("payments.recon_runs", columns={"state": "done"}),
    "break": Thing(
        "payments.recon_items", columns={"state": "ticketed", "suspended": False}, parents={"run_id": "run"},
        parts={"item_id": Thing("payments.tickets", key="item_id")},
    ),
    "statement": Thing("payments.recon_statements"),
    "control": Thing("broker.kill_switches", columns={"scope": "market", "target": "ETH-USDT", "mode": "no_new"}),
    "window": Thing("broker.maintenance_windows", columns={"starts_at": _later(hours=1), "ends_at": _later(hours=2)}),
    "order": Thing(
        "broker.orders", "owner_id",
        columns={"owner_kind": "customer", "symbol": "BTC-USDT", "status": "filled", "type": "limit", "time_in_force": "gtc",
                 "venue": "best", "limit_price": 1},
    ),
    "venue_order": Thing("broker.venue_orders", columns={"status": "unknown", "coid_number": lambda: secrets.randbelow(2**60)}, parents={"order_id": "order"}),
    "decision": Thing("broker.decisions", columns={"status": "proposed", "fills": Jsonb([])}, parents={"venue_order_id": "venue_order"}),
    "quote": Thing("broker.firm_quotes", "owner_id", columns={"symbol": "BTC-USDT", "venue": "best", "expires_at": _later(hours=1)}),
    "address": Thing("wallet_bridge.address_book", "customer_id", private=True),
    "withdrawal": Thing(
        "wallet_bridge.withdrawals", "customer_id", columns={"state": "cancelled", "ended_at": _later(), "asset": "USDT", "fee": 0},
        parents={"address_id": "address"},
    ),
    "price_alert": Thing("markets.price_alerts", "owner_id", columns={"symbol": "BTC-USDT", "status": "armed", "hysteresis": 0}),
}  # fmt: skip


@dataclass
class Holder:
    """Somebody who owns things: a customer, and the house it is a customer of."""

    tenant: UUID
    id: UUID
    email: str
    account: int = 0
    journal: UUID | None = None
    product: str = ""


class World:
    """Two houses with everybody in them: `mine` and `neighbour` are customers of the first, `stranger` of the second."""

    def __init__(self, house):
        self.house = house
        self._shapes = {}
        with as_engine(house.database):
            for role in set(Role) - {Role.RETAIL}:
                house.ids[f"{role}@second.example"] = principals.ensure_staff(
                    house.second, email=f"{role}@second.example", password=PASSWORD, roles=[role]
                )
            neighbour = principals.ensure_customer(house.first, email="neighbour@first.example", password=PASSWORD)
        self.holders = {
            "mine": Holder(house.first, house.ids[Role.RETAIL], "retail@first.example"),
            "neighbour": Holder(house.first, neighbour, "neighbour@first.example"),
            "stranger": Holder(house.second, house.ids["other"], "retail@second.example"),
        }
        for role in Role:  # while nobody has a second factor yet
            house.auth(role)
            email = f"{role}@second.example"
            house._tokens[email] = house.login(email).json()["access_token"]
        for holder in self.holders.values():
            with db.transaction(tenant=holder.tenant) as tx:
                postings.deposit(
                    tx, customer_id=holder.id, asset="USDT", amount=Decimal(1000), key=f"start:{holder.email}"
                )
                holder.product = f"ticket-of-{holder.email.split('@')[0]}-{str(holder.id)[-6:]}"
                products.ensure(
                    tx, products.Wish(sku=holder.product, name="ticket", asset="USDT", price=Decimal(1), stock=9)
                )
            with house.sql("superuser") as root:
                holder.account = root.execute(
                    "SELECT account_id FROM payments.accounts WHERE owner = %s", [holder.id]
                ).fetchone()[0]
                holder.journal = root.execute(
                    "SELECT journal_id FROM payments.entries WHERE account_id = %s", [holder.account]
                ).fetchone()[0]

    def give(self, thing: str, who: str) -> Any:
        """Make one that belongs to `who`; answers what its route calls it."""
        return self.give_whole(thing, who)[thing]

    def give_whole(self, thing: str, who: str) -> dict[str, Any]:
        """With what it is part of, by name."""
        kind, holder = THINGS[thing], self.holders[who]
        if not kind.table:
            return {thing: getattr(holder, kind.key)}
        given = {name: value() if callable(value) else value for name, value in kind.columns.items()}
        made = {}
        for column, parent in kind.parents.items():
            made |= self.give_whole(parent, who)
            given[column] = made[parent]
        given |= dict.fromkeys((*kind.people, *([kind.owner] if kind.owner else [])), holder.id)
        made[thing] = self._insert(kind, {"tenant_id": holder.tenant} | given)
        for column, part in kind.parts.items():
            self._insert(part, {"tenant_id": holder.tenant, column: made[thing]})
        return made

    def look(self, document: UUID, who: str) -> str:
        """A link for one look at somebody's document, by who decides in that house; answers its token."""
        holder = self.holders[who]
        reader = Role.COMPLIANCE if holder.tenant == self.house.first else f"{Role.COMPLIANCE}@second.example"
        answer = self.house.client.post(
            f"/v1/kyc/documents/{document}/links", headers={"Authorization": f"Bearer {self.house._tokens[reader]}"}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["url"].partition("token=")[2]

    def _insert(self, kind: Thing, given: dict[str, Any]) -> Any:
        with self.house.sql("superuser") as root:
            root.execute(
                "SET LOCAL session_replication_role = replica"
            )  # no triggers, no foreign keys: the row is alone
            for name, kind_of_value, words in self._shape(root, kind.table):
                if name not in given and name not in kind.sealed:
                    given[name] = _filler(name, kind_of_value, words)
            for name, plain in kind.sealed.items():
                given[name] = crypto.seal(plain, tenant=given["tenant_id"], table=kind.table, row=given[kind.key])
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
                sql.Identifier(*kind.table.split(".")),
                sql.SQL(", ").join(map(sql.Identifier, given)),
                sql.SQL(", ").join([sql.Placeholder()] * len(given)),
                sql.Identifier(kind.key),
            )
            return root.execute(statement, list(given.values())).fetchone()[0]

    def _shape(self, root, table):
        """The columns that must be given: name, type, and the words its CHECK permits."""
        if table not in self._shapes:
            schema, name = table.split(".")
            columns = root.execute(
                """SELECT column_name, coalesce(domain_name, udt_name) FROM information_schema.columns
                    WHERE table_schema = %s AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'""",
                [schema, name],
            ).fetchall()
            checks = root.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
                [table],
            ).fetchall()
            words = {}
            for (check,) in checks:
                found = re.match(r"CHECK \(\(\(?(\w+) = ANY \(ARRAY\['([a-zA-Z_]+)'::text", check)
                if found:
                    words[found[1]] = found[2]
            self._shapes[table] = [(column, kind, words.get(column)) for column, kind in columns]
        return self._shapes[table]


def _filler(name: str, kind: str, word: str | None) -> Any:
    if word is not None:
        return word
    if kind == "text":
        return f"x{secrets.token_hex(8)}"
    return {
        "uuid": uuid7,
        "timestamptz": lambda: datetime.now(UTC),
        "date": lambda: datetime.now(UTC).date(),
        "jsonb": lambda: Jsonb({}),
        "bytea": lambda: secrets.token_bytes(32),
        "bool": lambda: False,
    }.get(kind, lambda: 1)()
