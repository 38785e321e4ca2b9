"""The whole product as a user starts it, for proofs and end-to-end tests: `rivermouth demo` on a temporary data directory.

Nothing is imported from the product's inside but how a child is started: what these tests see is what a user sees over HTTP, plus the
process table for kills.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from kernel import processes

PASSWORD = "demo-rivermouth"  # noqa: S105  the demo's, known to everybody
DOMAIN = "demo.rivermouth.example"
TERMINAL = {"filled", "cancelled", "expired", "rejected"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_PROOFS = {"Authorization", "Rivermouth-Key"}


class Client:
    """One logged-in person, who logs in anew when a session has ended; answers are plain dictionaries, refusals raise."""

    def __init__(self, base: str, email: str, *, timeout_s: float = 60.0) -> None:
        # Connections are given up before the server does: a request must not meet a closing one.
        self.http = httpx.Client(base_url=base, timeout=timeout_s, limits=httpx.Limits(keepalive_expiry=2.0))
        self.email = email
        self._log_in().raise_for_status()

    def _log_in(self) -> httpx.Response:
        answer = self.http.post("/v1/sessions", json={"email": self.email, "password": PASSWORD})
        if answer.is_success:
            self.http.headers["Authorization"] = "Bearer " + answer.json()["access_token"]
        return answer

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        given = dict(headers or {})
        answer = self.http.request(method, path, json=body, headers=given)
        if answer.status_code == httpx.codes.UNAUTHORIZED and not given.keys() & _PROOFS and self._log_in().is_success:
            answer = self.http.request(
                method, path, json=body, headers=given
            )  # a stack may outlive sessions: nothing was done
        return answer

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.call("POST", path, body)
        if answer.is_error:
            raise AssertionError(f"{path} {body}: {answer.status_code} {answer.text}")
        return answer.json()

    def api_key(self, name: str) -> Any:
        """A key that reads and trades; whoever logged in long ago proves themselves first."""
        self.call("POST", "/v1/step-up", {"password": PASSWORD}).raise_for_status()
        return self.post("/v1/api-keys", {"name": name, "scopes": ["read", "trade"]})

    def order(self, **fields: Any) -> Any:
        return self.post("/v1/orders", fields)

    def balances(self) -> dict[str, Any]:
        return {row["asset"]: row for row in self.get("/v1/balances")["items"]}

    def finished(self, order_id: str, *, within_s: float = 90.0, states: set[str] = TERMINAL) -> Any:
        """The order once it has reached one of the states, or as it is when the time is up."""
        deadline = time.monotonic() + within_s
        while True:
            order = self.get(f"/v1/orders/{order_id}")
            if order["status"] in states or time.monotonic() > deadline:
                return order
            time.sleep(0.05)


class Stack:
    """A running demo; `restart()` starts another one on the same data."""

    def __init__(self, data: Path, *, env: Mapping[str, str] | None = None) -> None:
        self.data, self.port = data, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "RIVERMOUTH_DATA_DIR": str(data),
            "RIVERMOUTH_HTTP_PORT": str(self.port),
            "RIVERMOUTH_LEASE_TTL_S": "1.5",
            "RIVERMOUTH_RESOLVER_SCALE": "0.1",
            "RIVERMOUTH_VENUE_TIMEOUT_S": "2",
            "RIVERMOUTH_DEMO_CHAIN": "off",  # only what is about deposits and withdrawals has the node and the custodian beside it
            **(env or {}),
        }
        self.process: processes.Process | None = None
        self._clients: dict[str, Client] = {}

    def start(self, *, within_s: float = 600.0) -> None:
        """It dies with whoever started it: what a killed run left behind would go on for ever, on somebody's machine."""
        self.process = processes.spawn(
            [sys.executable, "-m", "rivermouth", "demo"], log=self.data.parent / "demo.log", env=self.env
        )
        self.wait_ready(within_s=within_s)

    def wait_ready(self, *, within_s: float = 60.0) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the demo ended with {self.process.returncode}:\n{self.log_tail()}")
            try:
                if httpx.get(self.base + "/readyz", timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
            time.sleep(0.1)
        raise AssertionError(f"not ready after {within_s} s:\n{self.log_tail()}")

    def log_tail(self) -> str:
        paths = [self.data.parent / "demo.log", *sorted((self.data / "logs").glob("*.log"))]
        ends = [(p.name, p.read_text(errors="replace").splitlines()[-12:]) for p in paths if p.exists()]
        return "\n".join(line for name, lines in ends for line in [f"--- {name}", *lines])

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=180)

    def client(self, name: str, domain: str = DOMAIN) -> Client:
        email = f"{name}@{domain}"
        if email not in self._clients:
            self._clients[email] = Client(self.base, email)
        return self._clients[email]

    @property
    def admin(self) -> Client:
        return self.client("admin")

    @property
    def retail(self) -> Client:
        return self.client("retail")

    def pids(self) -> dict[str, int]:
        """Process ids by name, from the run directory; the name is the file's without `.pid`."""
        found = {}
        for path in (self.data / "run").glob("*.pid"):
            text = path.read_text().split()
            if text:
                found[path.stem] = int(text[0])
        return found

    def kill(self, name: str) -> None:
        os.kill(self.pids()[name], signal.SIGKILL)

    @contextmanager
    def nobody_restarts(self) -> Iterator[None]:
        """What dies in here stays dead: the supervisor stands still. Its children run on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def price(self, symbol: str, price: str, **more: Any) -> Any:
        return self.admin.post("/v1/sandbox/prices", {"symbol": symbol, "price": price, **more})

    def fault(self, venue: str, kind: str, **more: Any) -> str:
        fault: str = self.admin.post("/v1/sandbox/faults", {"venue": venue, "kind": kind, **more})["id"]
        return fault

    def reset(self) -> None:
        self.admin.post("/v1/sandbox/reset", {})

    def venue_orders(self, venue: str) -> list[Any]:
        items: list[Any] = self.admin.get(f"/v1/sandbox/venues/{venue}/orders?limit=100000")["items"]
        return items

    def check(self) -> tuple[int, str]:
        """`rivermouth check` as an operator runs it: exit code and what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "rivermouth", "check"],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def broken_invariants(self) -> list[Any]:
        """With a login of its own: after a long run the first one has ended."""
        finance = Client(self.base, f"finance@{DOMAIN}")
        return [row for row in finance.get("/v1/invariants")["items"] if not row["ok"]]

    def urls(self) -> Any:
        return json.loads((self.data / "run" / "urls.json").read_text())

    def end(self) -> None:
        """Whatever state it is in: nothing of it goes on."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextmanager
def running(*, env: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A demo on a fresh data directory, stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rm-"))
    stack = Stack(folder / "data", env=env)
    try:
        stack.start()
        yield stack
    finally:
        stack.end()
        shutil.rmtree(folder, ignore_errors=True)
