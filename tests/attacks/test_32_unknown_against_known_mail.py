"""Attack 32: who has an account is read off answers or their duration. Same text, and medians that differ by less than a tenth.

The suite makes few tries, in rounds that add up; `./run prove answer-times` makes a thousand of each kind against the whole product.
"""

from __future__ import annotations

import statistics
import time

import pytest

from identity.sessions import attempts
from kernel import cache
from tests.attacks.people import OTHER_PASSWORD
from tests.mailbox import posting

TRIES = 25
KNOWN, UNKNOWN = "retail@first.example", "nobody@first.example"
WAYS = {
    "login": ("/v1/sessions", lambda email: {"email": email, "password": "wrong"}),
    "registration": ("/v1/registrations", lambda email: {"email": email, "password": OTHER_PASSWORD}),
    "password reset": ("/v1/password-resets", lambda email: {"email": email}),
}


@pytest.mark.parametrize("way", WAYS)
def test_32_known_and_unknown_get_the_same_answer_in_the_same_time(house, monkeypatch, way):
    path, body = WAYS[way]
    with posting(house, monkeypatch):
        monkeypatch.setattr(attempts, "FAILURES", 10**9)
        monkeypatch.setattr(attempts, "OF_ALL_PLACES", 10**9)
        cache.client().flushall()
        times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
        texts = set()
        for _attempt in range(6):  # a shared machine: each further round adds tries to the same statistic
            for number in range(2 * TRIES):  # in turns, and each first in every other pair
                email = (KNOWN, UNKNOWN)[(number + number // 2) % 2]
                start = time.perf_counter()
                answer = house.client.post(path, json=body(email))
                times[email].append(time.perf_counter() - start)
                texts.add((answer.status_code, _text(answer.json())))
            assert len(texts) == 1, texts
            known, unknown = (statistics.median(times[email]) for email in (KNOWN, UNKNOWN))
            if abs(known - unknown) < 0.1 * known:
                return
    pytest.fail(f"{way}: known {known:.4f} s, unknown {unknown:.4f} s")


def _text(body):
    return tuple(sorted((name, str(value)) for name, value in body.items() if name != "request_id"))


def test_32_who_waits_to_be_confirmed_looks_like_nobody(house, monkeypatch):
    with posting(house, monkeypatch) as box:
        cache.client().flushall()
        waiting = {"email": "waiting@first.example", "password": OTHER_PASSWORD}
        assert house.client.post("/v1/registrations", json=waiting).status_code == 202
        answers = {email: house.login(email, OTHER_PASSWORD) for email in (waiting["email"], UNKNOWN)}
        assert len({_text(answer.json()) for answer in answers.values()}) == 1
        box.fetch()
