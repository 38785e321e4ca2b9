"""Hostile webhooks to the real API: whatever comes, and however often, a hint only makes the reader look; the list of events decides."""

from __future__ import annotations

import json
import os
import random
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from kernel import clock
from kernel.signing import Signer
from rivermouth.prove.reorg_chain import ChangingChain
from rivermouth.prove.reorg_desk import Desk
from rivermouth.prove.report import Report
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message

PATH = "/v1/custodian/hooks"
_LARGE = 10 * 1024 * 1024
_AT_ONCE = 6
_RENEWED_S = 5.0
_TAKEN, _REFUSED = 202, 401
_SERVER_ERRORS = 500


@dataclass(frozen=True, slots=True)
class Hook:
    """One request and what its answer must be: 202 where the custodian signed it, and a refusal where not.

    `good` is None where it is signed and was sent before, maybe: one of them is taken.
    """

    kind: str
    body: bytes
    headers: Mapping[str, Any]
    good: bool | None
    cut: bool = False


class Hostile:
    def __init__(self, desk: Desk, chain: ChangingChain, report: Report, rng: random.Random) -> None:
        self._desk, self._chain, self._report, self._rng = desk, chain, report, rng
        self._signer, self._other = desk.custodian_signer, Signer("custodian", os.urandom(32))
        self._earlier, self._earlier_at = self._signed(b'{"seq": 1}'), clock.monotonic()
        self.answers: dict[str, Counter[str]] = {}
        self._kinds: list[Callable[[], Hook]] = [
            self._duplicate, self._reordered, self._late, self._forged, self._truncated, self._cut_off, self._not_utf8, self._deep,
            self._wrong_key, self._replayed, self._for_another, self._headers, self._claims,
        ]  # fmt: skip

    def send(self, count: int, *, meanwhile: Callable[[], None]) -> None:
        """Half of them while nothing happens, which must change nothing at all; half while money arrives."""
        if not count:
            return
        self._desk.heard_all(self._chain)
        before = self._books()
        self._wave(count // 2)
        self._desk.heard_all(self._chain)
        self._report.require(self._books() == before, "hooks alone change nothing in the books")
        with ThreadPoolExecutor(1) as pool:
            waves = pool.submit(self._wave, count - count // 2)
            while not waves.done():
                meanwhile()
                self._desk.heard_all(self._chain)
            waves.result()
        self._write()

    def _books(self) -> list[Any]:
        return [
            self._desk.rows("SELECT * FROM wallet_bridge.deposits ORDER BY id"),
            self._desk.rows("SELECT seq FROM wallet_bridge.cursors"),
            self._desk.rows("SELECT count(*), max(journal_id::text) FROM payments.journals"),
            self._desk.rows("SELECT id, state FROM wallet_bridge.withdrawals ORDER BY id"),
        ]

    def _wave(self, count: int) -> None:
        large = max(count // 200, 1)
        made = [self._large] * large + [self._rng.choice(self._kinds) for _ in range(count - large)]
        self._rng.shuffle(made)
        with ThreadPoolExecutor(_AT_ONCE) as pool, httpx.Client(trust_env=False, timeout=60) as client:
            for hook, told in pool.map(lambda make: self._post(client, make()), made):  # signed when it is sent
                self.answers.setdefault(hook.kind, Counter())[told] += 1
                status = int(told) if told.isdigit() else 0
                self._report.require(status < _SERVER_ERRORS, f"no 5xx: {hook.kind} was answered {told}")
                fits = hook.cut or (
                    status in {_TAKEN, _REFUSED} if hook.good is None else (status == _TAKEN) == hook.good
                )
                self._report.require(fits, f"{hook.kind} was answered {told}")

    def _post(self, client: httpx.Client, hook: Hook) -> tuple[Hook, str]:
        return hook, self._half(hook) if hook.cut else self._answer(client, hook)

    def _answer(self, client: httpx.Client, hook: Hook) -> str:
        try:
            return str(client.post(self._desk.hook_url, content=hook.body, headers=dict(hook.headers)).status_code)
        except httpx.HTTPError as error:  # a server that refuses a body before it has read all of it may hang up
            return type(error).__name__ if hook.kind == "10 MB" else "0"

    def _half(self, hook: Hook) -> str:
        """The connection ends in the middle of the body."""
        head = f"POST {PATH} HTTP/1.1\r\nHost: hooks\r\nContent-Length: {2 * len(hook.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in hook.headers.items())
        with socket.create_connection(("127.0.0.1", self._desk.ports["api"]), timeout=60) as line:
            line.sendall(head.encode() + b"\r\n" + hook.body)
        return "hung up"

    # What is sent --------------------------------------------------------------------------------------------------------------------

    def _signed(
        self, body: bytes, *, signer: Signer | None = None, receiver: str = "bridge", late_s: int = 0
    ) -> dict[str, Any]:
        now = clock.wall().timestamp() - late_s
        return dict(wire.sign(signer or self._signer, Message(receiver, "POST", PATH, body), now=now))

    def _duplicate(self) -> Hook:
        return Hook("duplicate, nonce and all", b'{"seq": 1}', self._fresh(), good=None)

    def _fresh(self) -> dict[str, Any]:
        """The same signed hint again and again, renewed before it is too old."""
        if clock.monotonic() - self._earlier_at > _RENEWED_S:
            self._earlier, self._earlier_at = self._signed(b'{"seq": 1}'), clock.monotonic()
        return self._earlier

    def _reordered(self) -> Hook:
        body = json.dumps({"seq": self._rng.choice([0, -1, 1, 2, 10**30, self._rng.randint(1, 100_000)])}).encode()
        return Hook("reordered, of any number", body, self._signed(body), good=True)

    def _late(self) -> Hook:
        body = b'{"seq": 2}'
        late = self._rng.choice([3_600, 120, 86_400, -3_600, 10**9])
        return Hook("late, or of the future", body, self._signed(body, late_s=late), good=False)

    def _forged(self) -> Hook:
        body = b'{"seq": 3}'
        changed = self._rng.choice(
            [{"X-Wire-Signature": "v1"}, {"X-Wire-Signature": "A" * 88}, {"X-Wire-Nonce": "n" * 24}]
        )
        return Hook("forged", body, self._signed(body) | changed, good=False)

    def _truncated(self) -> Hook:
        body = b'{"seq": 4, "more": "' + b"x" * 50 + b'"}'
        return Hook("truncated", body[: self._rng.randrange(len(body))], self._signed(body), good=False)

    def _cut_off(self) -> Hook:
        body = b'{"seq": 5}'
        return Hook("connection cut in the body", body, self._signed(body + body), good=False, cut=True)

    def _not_utf8(self) -> Hook:
        body = b"\xff\xfe\x00\x80" + self._rng.randbytes(20)
        good = self._rng.random() < 0.5
        return Hook("bad UTF-8" + (", signed" if good else ""), body, self._signed(body if good else b"{}"), good=good)

    def _deep(self) -> Hook:
        body = self._rng.choice([b"[", b'{"a":']) * 100_000
        good = self._rng.random() < 0.5
        return Hook("deep JSON" + (", signed" if good else ""), body, self._signed(body) if good else {}, good=good)

    def _large(self) -> Hook:
        return Hook("10 MB", b"x" * _LARGE, {}, good=False)

    def _wrong_key(self) -> Hook:
        body = b'{"seq": 6}'
        signer = self._rng.choice([self._other, Signer("another", os.urandom(32)), self._desk.bridge])
        return Hook("wrong key", body, self._signed(body, signer=signer), good=False)

    def _replayed(self) -> Hook:
        """A nonce that counted, under another body."""
        body = json.dumps({"seq": self._rng.randint(1, 9), "again": True}).encode()
        return Hook("replayed nonce, other body", body, dict(self._earlier), good=False)

    def _for_another(self) -> Hook:
        body = b'{"seq": 7}'
        return Hook("signed for another receiver", body, self._signed(body, receiver="custodian"), good=False)

    def _headers(self) -> Hook:
        body = b'{"seq": 8}'
        name = self._rng.choice(["X-Wire-Key", "X-Wire-Timestamp", "X-Wire-Nonce", "X-Wire-Signature"])
        value: Any = self._rng.choice([b"\xff\xfe", b"", b"\xd9\xa1" * 9, b"9" * 4_000, b"-1", b"1e9"])
        return Hook("broken headers", body, self._signed(body) | {name: value}, good=False)

    def _claims(self) -> Hook:
        """Signed by the custodian's own key: a deposit that no block has is final."""
        person = self._rng.choice(self._desk.people)
        deposit = {
            "network": "ethereum", "txid": "0x" + self._rng.randbytes(32).hex(), "output": 0, "asset": "ETH", "amount": "1000",
            "address": person.address, "memo": None, "owner_ref": f"{self._desk.tenant}/{person.id}", "height": 1, "block": "0x1",
            "confirmations": 99, "final_at": 1,
        }  # fmt: skip
        body = json.dumps({"seq": 10**9, "type": "deposit.final", "data": deposit}).encode()
        return Hook("signed, claims a final deposit", body, self._signed(body), good=True)

    def _write(self) -> None:
        for kind, told in sorted(self.answers.items()):
            answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(told.items()))
            self._report.row(f"hook: {kind}", told.total(), answers)
        self._report.row(
            "hooks", sum(told.total() for told in self.answers.values()), "no 5xx; alone they changed nothing"
        )
