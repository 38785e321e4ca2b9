"""What must stand in the books, told from the chain alone: the best chain's outputs, who has which address, and what people spent.

It knows the rules of `docs/wallet.md` and nothing of how the product keeps them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

from rivermouth.prove.reorg_chain import COIN, ChangingChain, Output
from rivermouth.prove.reorg_desk import HOT, MINIMUM, NETWORK, Desk, Person

SCALE = {COIN: 8, "USDT": 6, "USDC": 6}
LARGE = Decimal(100_000)
_HOUSE = {"held": "deposits.held", "suspense": "deposits.suspense", "small": "deposits.small"}


@dataclass(frozen=True, slots=True)
class Expected:
    """How one output must stand. `places`: whose money it may be in the books, None where it is not booked."""

    statuses: frozenset[str]
    places: frozenset[str | None]
    booked: Decimal


@dataclass(slots=True)
class Oracle:
    desk: Desk
    chain: ChangingChain

    def to_our_addresses(self) -> dict[tuple[str, int], Output]:
        return {key: one for key, one in self.chain.outputs().items() if one.to in self.owners}

    @property
    def owners(self) -> dict[str, Person]:
        return {person.address: person for person in self.desk.people}

    def problems(self) -> list[str]:
        """Everything in which the books are not as the chain; empty where all is well."""
        outputs, tip = self.to_our_addresses(), self.chain.tip()
        rows = {(row["txid"], row["output"]): row for row in self._rows()}
        found = list(self._deposits(outputs, rows, tip))
        found += self._money(outputs, rows)
        found += [
            f"{count} events could not be applied"
            for [count] in self.desk.rows("SELECT count(*) FROM wallet_bridge.stuck_events WHERE done_at IS NULL")
            if count
        ]
        return found

    def _rows(self) -> Iterator[dict[str, Any]]:
        names = (
            "txid",
            "output",
            "status",
            "place",
            "booked",
            "shortage",
            "customer_id",
            "amount",
            "asset",
            "confirmations",
            "bookings",
        )
        for row in self.desk.rows(
            f"SELECT {', '.join(names)} FROM wallet_bridge.deposits WHERE tenant_id = %s", self.desk.tenant
        ):
            yield dict(zip(names, row, strict=True))

    # One deposit ---------------------------------------------------------------------------------------------------------------------

    def _deposits(
        self, outputs: Mapping[Any, Output], rows: Mapping[Any, Mapping[str, Any]], tip: int
    ) -> Iterator[str]:
        for key, one in outputs.items():
            row = rows.get(key)
            if row is None:
                yield f"lost: {one} has no row"
                continue
            wanted = self.expected(one, tip - one.height + 1)
            if row["status"] not in wanted.statuses or row["place"] not in wanted.places or row["amount"] != one.amount:
                yield f"{one} at depth {tip - one.height + 1} is {row}, not {wanted}"
            elif row["booked"] != wanted.booked:
                yield f"{one} is booked with {row['booked']}, not {wanted.booked}"
        for key, row in rows.items():
            if key not in outputs and (
                row["status"] not in {"orphaned", "reversed"} or row["place"] is not None or row["booked"]
            ):
                yield f"no block has {row}"

    def expected(self, one: Output, depth: int) -> Expected:
        final = self.desk.depths.final
        large = one.asset != "USDT" or one.amount > LARGE  # nobody knows a price of the others here
        credit = min(self.desk.depths.credit * (2 if large else 1), final)
        if depth < credit:
            return Expected(frozenset({"seen" if depth == 1 else "confirming"}), frozenset({None}), Decimal(0))
        whole = _whole(one)
        person = self.owners[one.to]
        if person.kind == "nobody":
            return Expected(frozenset({"suspense"}), frozenset({"suspense" if whole else None}), whole)
        if whole < MINIMUM[one.asset]:
            return Expected(frozenset({"below_minimum"}), frozenset({"small" if whole else None}), whole)
        if person.kind == "shut":
            return Expected(frozenset({"held"}), frozenset({"held"}), whole)
        status = "final" if depth >= final else "credited"
        if person.kind == "spender":  # the accounts may have been shut when it came
            return Expected(frozenset({status, "held"}), frozenset({"customer", "held"}), whole)
        return Expected(frozenset({status}), frozenset({"customer"}), whole)

    # The books -----------------------------------------------------------------------------------------------------------------------

    def _money(self, outputs: Mapping[Any, Output], rows: Mapping[Any, Mapping[str, Any]]) -> Iterator[str]:
        booked: dict[tuple[str, Any, str], Decimal] = defaultdict(Decimal)
        exact: dict[str, Decimal] = defaultdict(Decimal)
        owed: dict[tuple[UUID, str], Decimal] = defaultdict(Decimal)
        for key, row in rows.items():
            if row["place"] is not None and key in outputs:
                whose = row["customer_id"] if row["place"] == "customer" else None
                booked[row["place"], whose, row["asset"]] += row["booked"]
                exact[row["asset"]] += outputs[key].amount
            if row["shortage"]:
                owed[row["customer_id"], row["asset"]] += row["shortage"]
        accounts = self._accounts()
        yield from self._customers(booked, owed, accounts)
        for place, path in _HOUSE.items():
            for asset in SCALE:
                if (there := accounts[f"{path}:{asset}"]) != booked[place, None, asset]:
                    yield f"{path}:{asset} has {there}, not {booked[place, None, asset]}"
        for asset in SCALE:
            yield from self._wallet(asset, exact[asset], accounts)

    def _customers(
        self, booked: Mapping[Any, Decimal], owed: Mapping[Any, Decimal], accounts: Mapping[str, Decimal]
    ) -> Iterator[str]:
        """Each has what the chain brought less what they spent; what is missing of that is owed, and shuts the accounts."""
        for person in self.desk.people:
            for asset in SCALE:
                has, receivable = (
                    accounts[f"customer:{person.id}:{asset}"],
                    accounts[f"deposits.receivable.{person.id}:{asset}"],
                )
                wanted = booked.get(("customer", person.id, asset), Decimal(0)) - self.desk.spent.get(
                    (person.id, asset), Decimal(0)
                )
                missing = owed.get((person.id, asset), Decimal(0))
                if has + receivable != wanted or has < 0 or receivable != -missing:
                    yield f"{person.kind} {person.id} has {has} {asset}, owes {-receivable} (rows: {missing}), should have {wanted}"
            frozen = {
                status
                for [status] in self.desk.rows("SELECT status FROM payments.accounts WHERE owner = %s", person.id)
            }
            owes = any(amount for (who, _), amount in owed.items() if who == person.id)
            if frozen and ("frozen" in frozen) != owes:
                yield f"{person.kind} {person.id} owes {'something' if owes else 'nothing'}, and the accounts are {sorted(frozen)}"

    def _wallet(self, asset: str, exact: Decimal, accounts: Mapping[str, Decimal]) -> Iterator[str]:
        """What the books and what is carried beside them say, against the outputs that are booked, less what left."""
        carried = self._carried(asset)
        [(paid,)] = self.desk.rows(
            "SELECT coalesce(sum(amount), 0) FROM wallet_bridge.withdrawals WHERE asset = %s AND state = 'final'", asset
        )
        [(fees,)] = self.desk.rows(
            "SELECT coalesce(sum(fee), 0) FROM wallet_bridge.network_costs WHERE asset = %s", asset
        )
        wanted = HOT.get(asset, Decimal(0)) + exact - paid - fees
        if (there := -accounts[f"wallet.{NETWORK}:{asset}"] + carried) != wanted:
            yield f"the books have {there} {asset} with the custodian, and the chain says {wanted}"

    def _carried(self, asset: str) -> Decimal:
        """Digits too fine for the books, kept beside them."""
        statement = "SELECT coalesce(sum(carried), 0) FROM wallet_bridge.residues WHERE asset = %s AND tenant_id = %s"
        return Decimal(self.desk.rows(statement, asset, self.desk.tenant)[0][0])

    def _accounts(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        rows = self.desk.rows(
            """SELECT a.path, x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                WHERE a.tenant_id = %s""",
            self.desk.tenant,
        )
        for path, posted in rows:
            found[path] += posted
        return found

    # At the end ----------------------------------------------------------------------------------------------------------------------

    def on_the_chain(self, hot: str) -> list[str]:
        """Everything is final: what lies at our addresses is what the books and the residues say, to the last digit.

        But for single deposits below the smallest unit of the books: of these there is a row, and nothing to book.
        """
        accounts, found = self._accounts(), []
        outputs = self.to_our_addresses().values()
        for asset in SCALE:
            lies = sum((self.chain.holds(asset, address) for address in [hot, *self.owners]), Decimal(0))
            lies -= sum(one.amount for one in outputs if one.asset == asset and not _whole(one))
            carried = self._carried(asset)
            if (there := -accounts[f"wallet.{NETWORK}:{asset}"] + carried) != lies:
                found.append(f"{lies} {asset} lie on the chain, and the books have {there}")
        return found

    def payments(self, wishes: Mapping[UUID, tuple[str, Decimal]]) -> list[str]:
        """Each withdrawal is final and was paid once."""
        states = dict(
            self.desk.rows("SELECT id, state FROM wallet_bridge.withdrawals WHERE tenant_id = %s", self.desk.tenant)
        )
        paid = Counter[tuple[str, Decimal]](
            (one.to, one.amount) for one in self.chain.outputs().values() if one.asset == "USDT"
        )
        return [
            f"withdrawal {made} is {states.get(made)} and was paid {paid[to, amount]} times"
            for made, (to, amount) in wishes.items()
            if states.get(made) != "final" or paid[to, amount] != 1
        ]


def _whole(one: Output) -> Decimal:
    """In units of the books."""
    return one.amount.quantize(Decimal(1).scaleb(-SCALE[one.asset]), rounding=ROUND_DOWN)
