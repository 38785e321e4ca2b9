"""A flood of logins at the configured cost of Argon2 beside people who trade: they go on, the flood is turned away with a time."""

import threading
import time
from collections import Counter

import httpx
import pytest

from tests.e2e.trading import trade

GUESSERS = 12
ORDERS = 8


class Flood:
    """Guessers who name somebody else with each guess, as many as the machine lets them."""

    def __init__(self, base):
        self.base, self.answers, self.untold = base, Counter(), 0
        self._end, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._guess, args=(n,)) for n in range(GUESSERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        deadline = time.monotonic() + 60
        while not self.answers[429]:  # more come than the gate lets in: the flood is there
            assert time.monotonic() < deadline, self.answers
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join(60)

    def _guess(self, number):
        with httpx.Client(base_url=self.base, timeout=60) as client:
            guess = 0
            while not self._end.is_set():
                guess += 1
                body = {"email": f"nobody-{number}-{guess}@demo.rivermouth.example", "password": "wrong"}
                answer = client.post("/v1/sessions", json=body)
                with self._lock:
                    self.answers[answer.status_code] += 1
                    self.untold += answer.status_code == 429 and not int(answer.headers.get("retry-after", "0"))


@pytest.mark.stack
def test_orders_are_filled_while_logins_come_at_full_force(stack):
    people = [
        stack.retail,
        stack.client("retail2"),
    ]  # who comes later waits at the gate like everybody: 429 with a time
    with Flood(stack.base) as flood:
        before = flood.answers[401]
        orders = [trade(stack, quantity="0.002") for _ in range(ORDERS)]
        checked = flood.answers[401] - before
    assert [order["status"] for order in orders] == ["filled"] * ORDERS
    assert checked > 0  # passwords were being checked all the time
    assert set(flood.answers) == {401, 429} and flood.untold == 0
    assert [person.get("/v1/me")["email"] for person in people] == [person.email for person in people]
