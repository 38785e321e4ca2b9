"""A buyer for the proof of payments: orders at random, insists on answers, and remembers what it was told."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from rivermouth.prove.stack import Client

PATIENCE_S = 240.0
SERVER_ERROR = 500


def ask(client: Client, method: str, path: str, body: Any, *, key: str) -> httpx.Response:
    """Send until somebody answers: the same key is the same request. A server that stays away is a failure."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = client.call(method, path, body, headers={"Idempotency-Key": key})
            if answer.status_code < SERVER_ERROR:
                return answer
            fault = f"{answer.status_code} {answer.text[:200]}"
        except httpx.HTTPError as error:
            fault = repr(error)
        if time.monotonic() > deadline:
            raise AssertionError(f"no answer to {method} {path}: {fault}")
        time.sleep(0.1)


@dataclass(slots=True)
class Told:
    """One order as its buyer knows it. `may_be`: the states it can be in when everything has come to an end."""

    order_id: str
    amount: Decimal
    may_be: set[str]
    refunded: Decimal = Decimal(0)


@dataclass(slots=True)
class Buyer:
    client: Client
    staff: Client
    rng: random.Random
    sku: str
    numbers: Iterator[int]
    total: int
    told: list[Told] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def run(self, progress: Callable[[], None]) -> None:
        while next(self.numbers) < self.total:
            self.outcomes[self._one()] += 1
            progress()

    def _post(self, path: str, body: Any = None, client: Client | None = None) -> httpx.Response:
        return ask(client or self.client, "POST", f"/v1/payment-orders{path}", body, key=str(uuid4()))

    def _one(self) -> str:
        """One order on one of its ways; answers where that way ended."""
        made = self._post("", {"sku": self.sku, "quantity": self.rng.randint(1, 3)})
        order = made.json()
        if made.is_error:
            raise AssertionError(f"no order: {made.status_code} {order}")
        told = Told(order["id"], Decimal(order["amount"]), {"expired"})
        self.told.append(told)
        way = self.rng.random()
        if way < 0.04:
            return "abandoned"
        if way < 0.08:
            return self._cancel(told)
        return self._reserve(told, way)

    def _reserve(self, told: Told, way: float) -> str:
        seen = told.amount if way > 0.12 else told.amount + 1
        held = self._post(f"/{told.order_id}/prepay", {"amount_seen": str(seen)})
        if held.is_error:
            self._cancel(told)
            return str(held.json()["code"])
        if held.json()["status"] != "reserved" or way <= 0.12:
            raise AssertionError(f"reserved at {seen} for {told.amount}: {held.json()}")
        if way < 0.18:
            return "abandoned reserved"
        if way < 0.28:
            return self._cancel(told)
        return self._pay(told, way)

    def _pay(self, told: Told, way: float) -> str:
        answers = [self._post(f"/{told.order_id}/pay") for _ in range(2 if way > 0.95 else 1)]
        if answers[0].is_error:
            return str(answers[0].json()["code"])
        told.may_be = {"paid"}
        if any(Decimal(a.json()["amount"]) != told.amount for a in answers):
            raise AssertionError(f"charged {answers[0].json()['amount']}, saw {told.amount}")
        if way < 0.40:
            return self._refund(told, None)
        if way < 0.55:
            share = told.amount * self.rng.randint(1, 99) / 100
            return self._refund(told, share.quantize(Decimal("0.000001")))
        return "paid twice" if len(answers) > 1 else "paid"

    def _refund(self, told: Told, amount: Decimal | None) -> str:
        """In whole, or in a part and sometimes in a second one."""
        parts = [amount] if amount is None or self.rng.random() < 0.5 else [amount, None]
        for part in parts:
            body = {} if part is None else {"amount": str(part)}
            back = self._post(f"/{told.order_id}/refund", body, self.staff)
            if back.is_error:
                raise AssertionError(f"no refund: {back.status_code} {back.text}")
            told.refunded = told.amount if part is None else told.refunded + part
            told.may_be = {"refunded" if told.refunded == told.amount else "partially_refunded"}
        return " and ".join("refunded" if part is None else "refunded in part" for part in parts)

    def _cancel(self, told: Told) -> str:
        answer = self._post(f"/{told.order_id}/cancel")
        if answer.is_error:
            return str(answer.json()["code"])
        told.may_be = {"cancelled"}
        return "cancelled"
