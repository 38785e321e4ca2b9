"""The payment flow under load: 64 buyers on one SKU and one merchant, with cancels, expiries, refunds, price changes and kills.

Every buyer remembers what it was told; afterwards orders, stock, holds and balances must be exactly that, and all invariants must hold.
An answer that never came is asked for again under the same Idempotency-Key.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

from identity.principals import service as principals
from kernel import db
from kernel.settings import settings
from payments.balances import service as balances
from rivermouth.prove.buyers import Buyer, Told, ask
from rivermouth.prove.kills import kill_postgres
from rivermouth.prove.report import Report
from rivermouth.prove.stack import DOMAIN, PASSWORD, Client, Stack, running

BUYERS = 64
MONEY = Decimal(1_000_000)
HOT = "prove-hot"
RECEIVERS = ("merchant.house:USDT", "revenue.payment_fee:USDT", "revenue.commission:USDT")
PRICES = ("2", "2.37", "4", "3.000001")
PATIENCE_S = 180.0


def prove(*, orders: int = 10_000, kills: int = 15, folder: Path | None = None) -> int:
    report = Report(
        "payments", "payment orders under load", ("scene", "orders", "what the buyers were told", "afterwards")
    )
    with running() as stack:
        clients = _buyers(stack)
        staff = [Client(stack.base, f"product@{DOMAIN}") for _ in range(4)]
        one_sku_of_forty(stack, clients, report)
        price_between_page_and_prepay(stack, clients[0], report)
        everything_at_once(stack, clients, staff, report, orders=orders, kills=kills)
    return report.finish(folder)


def _buyers(stack: Stack) -> list[Client]:
    """Sixty-four customers with money. Registering is not a route yet, so that part goes past HTTP."""
    emails = [f"buyer{n}@{DOMAIN}" for n in range(BUYERS)]
    db.configure(stack.urls()["engine"], pool_size=2, application_name="rivermouth-prove")
    try:
        for email in emails:
            principals.ensure_customer(settings().house_tenant, email=email, password=PASSWORD)
    finally:
        db.dispose()
    for email in emails:
        stack.admin.post("/v1/sandbox/deposits", {"email": email, "asset": "USDT", "amount": str(MONEY)})
    return [Client(stack.base, email) for email in emails]


def _product(stack: Stack, sku: str, *, price: str, stock: int) -> None:
    body = {"sku": sku, "name": sku, "price": price, "asset": "USDT", "stock": stock}
    stack.client("product").post("/v1/products", body | {"fee_rate": "0.02", "commission_rate": "0.01"})


def one_sku_of_forty(stack: Stack, clients: Sequence[Client], report: Report) -> None:
    """Everybody wants one of forty, at the same moment: forty are sold, the others keep their money."""
    _product(stack, "prove-scarce", price="200", stock=40)
    start = threading.Barrier(len(clients))

    def buy(client: Client) -> str:
        order = client.post("/v1/payment-orders", {"sku": "prove-scarce", "quantity": 1})
        at = f"/v1/payment-orders/{order['id']}"
        start.wait(60)
        held = client.call("POST", f"{at}/prepay", {"amount_seen": "200"})
        if held.is_error:
            return str(held.json()["code"])
        return str(client.post(f"{at}/pay", None)["status"])

    with ThreadPoolExecutor(len(clients)) as pool:
        told = Counter(pool.map(buy, clients))
    product = stack.retail.get("/v1/products/prove-scarce")
    spent = Counter(MONEY - Decimal(client.balances()["USDT"]["available"]) for client in clients)
    exact = (product["on_hand"], product["reserved"]) == (0, 0) and spent == {Decimal(200): 40, Decimal(0): 24}
    report.row(
        "64 buyers at once, 40 units", len(clients), _text(told), "0 units left, 40 × 200 paid" if exact else "WRONG"
    )
    report.require(told == {"paid": 40, "out_of_stock": 24}, f"64 buyers of 40 units were told {told}")
    report.require(exact, f"after 64 buyers of 40 units: {product}, {spent}")


def price_between_page_and_prepay(stack: Stack, client: Client, report: Report) -> None:
    _product(stack, "prove-price", price="200", stock=10)
    order = client.post("/v1/payment-orders", {"sku": "prove-price", "quantity": 1})
    before = client.balances()["USDT"]
    stack.client("product").call("PATCH", "/v1/products/prove-price", {"price": "400"})
    answer = client.call("POST", f"/v1/payment-orders/{order['id']}/prepay", {"amount_seen": "200"})
    told = str(answer.json().get("code", answer.status_code))
    product = client.get("/v1/products/prove-price")
    nothing_held = client.balances()["USDT"] == before and product["reserved"] == 0
    client.post(f"/v1/payment-orders/{order['id']}/cancel", None)
    report.row("price 200 → 400 between page and prepay", 1, told, "nothing held" if nothing_held else "WRONG")
    report.require(told == "price_changed", f"a changed price was answered with {told}")
    report.require(nothing_held, "something was held although the price had changed")


def everything_at_once(
    stack: Stack, clients: Sequence[Client], staff: Sequence[Client], report: Report, *, orders: int, kills: int
) -> None:
    _product(stack, HOT, price=PRICES[0], stock=orders * 2)
    before = {client.email: Decimal(client.balances()["USDT"]["available"]) for client in clients}
    earned_before = _earned(stack)
    numbers, disturbed = count(), Disturbances(stack, staff[0], total=orders, kills=kills)
    buyers = [
        Buyer(client, staff[n % len(staff)], random.Random(n), sku=HOT, numbers=numbers, total=orders)
        for n, client in enumerate(clients)
    ]
    began = time.monotonic()
    with disturbed, ThreadPoolExecutor(len(buyers)) as pool:
        for done in [pool.submit(buyer.run, disturbed.progress) for buyer in buyers]:
            done.result()
    took_s = time.monotonic() - began
    stack.wait_ready(within_s=PATIENCE_S)
    open_left = _expire_the_rest(stack)
    told = [row for buyer in buyers for row in buyer.told]
    outcomes = Counter(outcome for buyer in buyers for outcome in buyer.outcomes.elements())
    faults = _differences(stack, told) + _stock_faults(stack, orders * 2 + disturbed.stock_added)
    faults += _money_faults(stack, clients, before, earned_before)
    code, text = stack.check()
    what = f"{len(told)} orders, {disturbed.text()}"
    report.row(what, len(told), _text(outcomes), "exact, check clean" if not faults and code == 0 else "WRONG")
    report.notes.append(
        f"{len(told)} orders of {len(clients)} buyers in {took_s:.0f} s ({len(told) / took_s:.0f}/s over HTTP, disturbances included)"
    )
    report.require(len(told) >= orders, f"{len(told)} of {orders} orders were made")
    report.require(not open_left, f"{open_left} orders never ended")
    report.require(not faults, f"{len(faults)} differences: {faults[:5]}")
    report.require(code == 0, f"rivermouth check: {text[-600:]}")
    report.require(not disturbed.broken, f"invariants broken under way: {disturbed.broken[:3]}")
    report.require(disturbed.killed == kills, f"{disturbed.killed} of {kills} kills reached their process")


class Disturbances:
    """Price changes all the time; at even distances a kill (API, engine, Postgres in turn) and a look at all invariants.

    Every third kill is followed by a jump of the clock that lets every open order expire.
    """

    def __init__(self, stack: Stack, staff: Client, *, total: int, kills: int) -> None:
        self._stack, self._staff, self._rng = stack, staff, random.Random(4711)
        self._total, self._kills = total, kills
        self._done, self._stop = 0, threading.Event()
        self._lock = threading.Lock()
        self.killed, self.jumps, self.prices, self.stock_added = 0, 0, 0, 0
        self.checks, self.broken = 0, list[Any]()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._change, self._disturb)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S * 2)

    def progress(self) -> None:
        with self._lock:
            self._done += 1

    def text(self) -> str:
        return f"{self.killed} kills, {self.jumps} jumps of 16 minutes, {self.prices} price changes, {self.checks} checks under way"

    def _change(self) -> None:
        while not self._stop.wait(self._rng.uniform(0.5, 1.5)):
            body: dict[str, Any] = {"price": self._rng.choice(PRICES)}
            added = self._rng.choice((0, 0, 0, 5, -3))
            if added:
                body["stock_delta"] = added
            if ask(self._staff, "PATCH", f"/v1/products/{HOT}", body, key=str(uuid4())).is_success:
                self.prices += 1
                self.stock_added += added

    def _disturb(self) -> None:
        """Kill k comes after k/(kills+1) of the orders; every third is followed by a jump of the clock."""
        names = ("api", "engine", "postgres")
        for number in range(1, self._kills + 1):
            while self._done < self._total * number / (self._kills + 1):
                if self._stop.wait(0.05):
                    return
            self._kill(names[number % 3])
            self._stack.wait_ready(within_s=PATIENCE_S)
            self._look()
            if number % 3 == 0:
                asked = ask(self._stack.admin, "POST", "/v1/sandbox/clock", {"advance": "PT16M"}, key=str(uuid4()))
                self.jumps += asked.is_success

    def _kill(self, name: str) -> None:
        try:
            if name == "postgres":
                kill_postgres(self._stack)
            else:
                self._stack.kill(name)
        except (ProcessLookupError, KeyError):
            return
        self.killed += 1
        time.sleep(0.5)  # long enough that readiness speaks of the new process

    def _look(self) -> None:
        try:
            self.broken += self._stack.broken_invariants()
            self.checks += 1
        except httpx.HTTPError:
            return


def _expire_the_rest(stack: Stack) -> int:
    """Let the abandoned orders expire; answers how many are still open when patience ends."""
    ask(stack.admin, "POST", "/v1/sandbox/clock", {"advance": "PT16M"}, key=str(uuid4()))
    finance, deadline = stack.client("finance"), time.monotonic() + PATIENCE_S
    while True:
        states = ("pending", "reserved")
        left = sum(len(finance.get(f"/v1/payment-orders?status={state}&limit=200")["items"]) for state in states)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.5)


def _all_orders(stack: Stack, sku: str) -> dict[str, Any]:
    finance, found, cursor = stack.client("finance"), dict[str, Any](), ""
    while True:
        page = finance.get(f"/v1/payment-orders?sku={sku}&limit=200" + (f"&cursor={cursor}" if cursor else ""))
        found |= {row["id"]: row for row in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _differences(stack: Stack, told: Sequence[Told]) -> list[str]:
    """What the product says of each order against what its buyer was told."""
    orders = _all_orders(stack, HOT)
    faults = [f"{order_id} is nobody's" for order_id in set(orders) - {t.order_id for t in told}]
    for one in told:
        order = orders.get(one.order_id)
        if order is None:
            faults.append(f"{one.order_id} is gone")
        elif order["status"] not in one.may_be:
            faults.append(f"{one.order_id} is {order['status']}, its buyer was told {sorted(one.may_be)}")
        elif (Decimal(order["amount"]), Decimal(order["refunded"])) != (one.amount, one.refunded):
            faults.append(
                f"{one.order_id}: {order['amount']}, {order['refunded']} back; told {one.amount}, {one.refunded}"
            )
    return faults


def _sum(stack: Stack, pick: Callable[[Any], Decimal]) -> Decimal:
    return sum((pick(o) for o in _all_orders(stack, HOT).values() if o["paid_at"]), Decimal(0))


def _stock_faults(stack: Stack, stocked: int) -> list[str]:
    sold = _sum(stack, lambda o: Decimal(o["quantity"] - o["returned"]))
    product = stack.retail.get(f"/v1/products/{HOT}")
    expected = (stocked - sold, 0)
    found = (product["on_hand"], product["reserved"])
    return [] if found == expected else [f"stock is {found}, {expected} is left of {stocked}"]


def _money_faults(
    stack: Stack, clients: Sequence[Client], before: dict[str, Decimal], earned_before: Decimal
) -> list[str]:
    orders = _all_orders(stack, HOT).values()
    spent: Counter[str] = Counter()
    for order in orders:
        if order["paid_at"]:
            spent[order["user_id"]] += Decimal(order["amount"]) - Decimal(order["refunded"])  # type: ignore[assignment]
    faults = []
    for client in clients:
        row, me = client.balances()["USDT"], client.get("/v1/me")["id"]
        wanted = (before[client.email] - spent[me], Decimal(0))
        found = (Decimal(row["available"]), Decimal(row["held"]))
        if found != wanted:
            faults.append(f"{client.email} has {found}, should have {wanted}")
    earned = _earned(stack) - earned_before
    if earned != sum(spent.values()):
        faults.append(f"merchant, fee and commission earned {earned}, buyers spent {sum(spent.values())}")
    return faults


def _earned(stack: Stack) -> Decimal:
    """What merchant, fee and commission accounts hold, to the last committed entry."""
    db.configure(stack.urls()["engine"], pool_size=2, application_name="rivermouth-prove")
    try:
        with db.read_only(tenant=settings().house_tenant) as tx:
            rows = [row for path in RECEIVERS for row in balances.by_path_prefix(tx, path)]
    finally:
        db.dispose()
    return sum((row.posted for row in rows), Decimal(0))


def _text(told: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(told.items()))
