"""Payments out of a cold wallet through the platform in tests: treasury's two people, a real custodian, holders with their devices."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, outbox
from kernel.settings import settings
from rivermouth import wallet_parts
from tests.custodian_process import CustodianProcess
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from tests.wallet_desk import WalletDesk
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.queries import Offer

D = Decimal
FIRST, SECOND = "treasury@first.example", "treasury2@first.example"


@dataclass
class ColdDesk:
    """Treasury's two people over HTTP, the engine's work on demand, and the holders with their devices."""

    house: Any
    wallet: WalletDesk
    holders: Any
    node: Any
    asked: dict[str, Any]
    path: str = "/v1/treasury/cold-spends"
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, *, who: str = FIRST, **headers: str) -> httpx.Response:
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        own = {"Authorization": f"Bearer {self.tokens[who]}"} | headers
        return self.house.client.request(method, path, headers=own, json=body)

    def made(self, **changed: Any) -> dict[str, Any]:
        answer = self.ask("POST", self.path, self.asked | changed)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def agree(self, spend: dict[str, Any], verdict: str = "approve") -> None:
        path, who = f"/v1/approvals/{spend['approval_id']}", SECOND
        digest = self.ask("GET", path, who=who).json()["digest"]
        body = {"digest": digest} if verdict == "approve" else {"reason": "not now"}
        answer = self.ask("POST", f"{path}/{verdict}", body, who=who)
        assert answer.status_code in {200, 202}, answer.text
        self.engine()

    def engine(self) -> None:
        """Events, the lane, and what the custodian tells."""
        with as_engine(self.house.database):
            while sum(outbox.consume(consumer) for consumer in wallet_parts.CONSUMERS):
                pass
            self.wallet.answered()
            self.wallet.hear()

    def until(self, spend: dict[str, Any], state: str, *, mining: bool = False) -> dict[str, Any]:
        end = time.monotonic() + 90
        while (seen := self.look(spend))["state"] != state:
            assert time.monotonic() < end, (seen, self.wallet.custodian.log.read_text()[-3_000:])
            if mining:
                self.node.mine()
            time.sleep(0.1)
            self.engine()
        return seen

    def look(self, spend: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("GET", f"{self.path}/{spend['id']}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign(self, spend: dict[str, Any], holder: int) -> dict[str, Any]:
        signed = self.holders.sign(holder, self.look(spend)["draft"]["to_sign"])
        answer = self.hand_in(spend, signed)
        assert answer.status_code == 202, answer.text
        self.engine()
        return self.look(spend)

    def hot(self) -> Decimal:
        rows = self.wallet.custodian.ask("GET", "/v1/balances").json()["items"]
        return next(D(row["confirmed"]) for row in rows if row["wallet"] == "hot")

    def told(self) -> list[dict[str, Any]]:
        """The custodian's events of cold payments."""
        items = self.wallet.custodian.ask("GET", "/v1/events?limit=500").json()["items"]
        return [one for one in items if one["type"].startswith("cold.")]

    def hand_in(self, spend: dict[str, Any], signed: str) -> httpx.Response:
        return self.ask("POST", f"{self.path}/{spend['id']}/signatures", {"signed": signed})

    def drafted(self, **changed: Any) -> dict[str, Any]:
        spend = self.made(**changed)
        self.agree(spend)
        return self.until(spend, "drafted")


@contextmanager
def opened(
    house: Any, custodian: CustodianProcess, offer: Offer, holders: Any, asked: dict[str, Any]
) -> Iterator[ColdDesk]:
    """The custodian runs; `asked` is what is asked for where nothing else is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_HOUSE_TENANT", str(house.first))
        patch.setenv("RIVERMOUTH_CUSTODIAN_URL", f"http://127.0.0.1:{custodian.port}")
        settings.cache_clear()
        with as_engine(house.database):
            principals.ensure_staff(house.first, email=SECOND, password=PASSWORD, roles=[Role.TREASURY])
        with db.transaction(tenant=house.first) as tx:
            networks.put(tx, offer)
        try:
            custodian.start()
            wallet = WalletDesk(house.database, custodian.anvil, custodian, house.first)
            yield ColdDesk(house, wallet, holders, custodian.anvil, asked)
        finally:
            custodian.stop()
    settings.cache_clear()
