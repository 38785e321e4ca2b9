"""`rivermouth custodian` as a process of its own, spoken to as the bridge would: signed, over HTTP, and told again what got no answer."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kernel import processes
from kernel import signing as keys
from kernel.signing import Signer
from rivermouth import ports
from tests.custodian_desk import NETWORK, written
from wallet_bridge.custodian import house, networks
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.localnet import Anvil
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message

START_S = 180.0
REPOSITORY = Path(__file__).resolve().parents[1]


def environment(url: str, networks: Path, folder: Path, bridge: Signer) -> dict[str, str]:
    """Everything that the command needs, with fresh keys."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("RIVERMOUTH_")}
    return keep | {
        "RIVERMOUTH_MODE": "sandbox",
        "RIVERMOUTH_DATA_DIR": str(folder),
        "RIVERMOUTH_CUSTODIAN_DATABASE_URL": url,
        "RIVERMOUTH_CUSTODIAN_NETWORKS": str(networks),
        "RIVERMOUTH_CUSTODIAN_SEED": base64.b64encode(os.urandom(32)).decode(),
        "RIVERMOUTH_CUSTODIAN_SIGNING_KEY": keys.shown({"custodian": os.urandom(32)}),
        "RIVERMOUTH_CUSTODIAN_CLIENTS": keys.shown({bridge.key_id: bridge.public_key}),
    }


@dataclass(slots=True)
class CustodianProcess:
    """`module` is what is run in the place of the product's own command line."""

    anvil: Anvil
    env: dict[str, str]
    bridge: Signer
    log: Path
    module: str = "rivermouth"
    port: int = field(default_factory=ports.free)
    running: processes.Process | None = None

    def start(self, more: Mapping[str, str] | None = None) -> None:
        argv = [sys.executable, "-m", self.module, "custodian", "--port", str(self.port)]
        self.running = processes.spawn(argv, log=self.log, env=self.env | dict(more or {}), cwd=REPOSITORY)
        until = time.monotonic() + START_S
        while not self._answers():
            assert self.running.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def hot(self) -> str:
        """The address of its hot wallet."""
        seed = Seed(base64.b64decode(self.env["RIVERMOUTH_CUSTODIAN_SEED"]))
        return house.build(networks.read(Path(self.env["RIVERMOUTH_CUSTODIAN_NETWORKS"])), seed).hot(NETWORK)

    def served(self) -> dict[str, Any]:
        """The one network, as its file has it."""
        found: dict[str, Any] = json.loads(Path(self.env["RIVERMOUTH_CUSTODIAN_NETWORKS"]).read_text())[NETWORK]
        return found

    def dead(self) -> int | None:
        assert self.running is not None
        return self.running.poll()

    def stop(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait(10)

    def ask(self, method: str, target: str, body: Any = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        signed = signing.sign(self.bridge, Message("custodian", method, target, content), now=time.time())
        return httpx.request(
            method, f"http://127.0.0.1:{self.port}{target}", content=content, trust_env=False, timeout=60,
            headers={**signed, "Content-Type": "application/json"},
        )  # fmt: skip

    def want(self, wishes: Sequence[Mapping[str, Any]]) -> None:
        """Each under its own reference, so that one whose answer was lost may be asked again."""
        for wish in wishes:
            answer = self.ask("POST", "/v1/transfers", wish)
            assert answer.status_code in {200, 202}, answer.text

    def found(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("GET", f"/v1/transfers?client_ref={wish['client_ref']}").json()
        return told


def prepared(anvil: Anvil, url: str, folder: Path, *, module: str = "rivermouth", **changed: Any) -> CustodianProcess:
    """Not started yet."""
    bridge = Signer("bridge", os.urandom(32))
    env = environment(url, written(anvil, folder, poll_s=0.1, **changed), folder, bridge)
    return CustodianProcess(anvil, env, bridge, folder / "custodian.log", module)
