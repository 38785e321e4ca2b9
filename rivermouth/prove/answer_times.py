"""Whether the duration of an answer tells who has an account: login, registration and lost password, a thousand tries of each kind.

The known and the unknown address take turns, so that a slow second of the machine meets both; medians are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import redis

from rivermouth.data_directory import DataDirectory
from rivermouth.prove.report import Report
from rivermouth.prove.stack import DOMAIN, running

KNOWN, UNKNOWN = f"retail@{DOMAIN}", f"nobody@{DOMAIN}"
MOST = 0.10
STRONG = "a lantern under the river mouth"
WAYS: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "login": ("/v1/sessions", lambda email: {"email": email, "password": "wrong"}),
    "registration": ("/v1/registrations", lambda email: {"email": email, "password": STRONG}),
    "lost password": ("/v1/password-resets", lambda email: {"email": email}),
}
_FORGET_EVERY = 4  # tries before the counters of attempts are forgotten, which would end this


def prove(*, tries: int = 1_000, folder: Path | None = None) -> int:
    columns = ("request", "tries of each", "median, known (ms)", "median, unknown (ms)", "difference")
    report = Report("answer-times", "who has an account is not read off answers", columns)
    with running() as stack:
        addresses = DataDirectory(stack.data).addresses()
        assert addresses is not None, "the demo runs"
        with redis.Redis.from_url(addresses.redis) as counters, httpx.Client(base_url=stack.base, timeout=60) as http:
            for name, (path, body) in WAYS.items():
                times, answers = _measure(http, counters, path, body, tries)
                known, unknown = (statistics.median(times[email]) for email in (KNOWN, UNKNOWN))
                apart = abs(known - unknown) / known
                report.row(name, tries, f"{known * 1000:.2f}", f"{unknown * 1000:.2f}", f"{apart:.1%}")
                report.require(len(answers) == 1, f"{name}: one answer for both, not {len(answers)}")
                report.require(apart < MOST, f"{name}: less than {MOST:.0%} apart")
        report.require(not stack.broken_invariants(), "invariants afterwards")
    return report.finish(folder)


def _measure(
    http: httpx.Client, counters: Any, path: str, body: Callable[[str], dict[str, str]], tries: int
) -> tuple[dict[str, list[float]], set[str]]:
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    answers: set[str] = set()
    for number in range(2 * tries):
        if number % _FORGET_EVERY == 0:
            for key in counters.scan_iter("rm:login:*"):
                counters.delete(key)
        email = (KNOWN, UNKNOWN)[(number + number // 2) % 2]
        began = time.perf_counter()
        answer = http.post(path, json=body(email))
        times[email].append(time.perf_counter() - began)
        answers.add(f"{answer.status_code} {answer.json().get('code') or answer.json()}")
    return times, answers
