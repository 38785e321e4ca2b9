"""Signed requests to the custodian. An answer is believed; no answer, or one that nobody expects, says nothing at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from kernel import crypto
from kernel.clock import wall
from kernel.db import assert_no_transaction
from kernel.settings import Settings
from kernel.signing import Signer
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message

TIMEOUT_S = 10.0


class CustodianAway(Exception):
    """It did not answer, or not in a way that says what it did."""


class CustodianRefuses(Exception):
    """It understood and said no; `code` is its own."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(slots=True)
class Client:
    """One connection pool; `receiver` is the name that messages to the custodian are signed for."""

    base: str
    signer: Signer
    receiver: str
    http: httpx.AsyncClient

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises: CustodianAway, CustodianRefuses."""
        target = f"{path}?{urlencode(query)}" if query else path
        return await self._ask("GET", target, b"")

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises: CustodianAway, CustodianRefuses."""
        return await self._ask("POST", path, json.dumps(body).encode())

    async def _ask(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        assert_no_transaction()
        headers = signing.sign(self.signer, Message(self.receiver, method, target, body), now=wall().timestamp())
        try:
            answer = await self.http.request(
                method, self.base + target, content=body, headers={**headers, "Content-Type": "application/json"}
            )
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CustodianAway(f"{method} {target.partition('?')[0]}: {type(error).__name__}") from None
        if answer.is_success and isinstance(told, dict):
            return told
        if answer.status_code in {400, 404, 409, 422} and isinstance(told, dict) and isinstance(told.get("code"), str):
            raise CustodianRefuses(told["code"], str(told.get("detail", ""))[:300])
        raise CustodianAway(f"{method} {target.partition('?')[0]}: status {answer.status_code}")

    async def close(self) -> None:
        await self.http.aclose()


def client(given: Settings) -> Client | None:
    """None where this deployment has no custodian."""
    if given.custodian_url is None or given.bridge_signing_key is None:
        return None
    keys = crypto.read_keys(given.bridge_signing_key.get_secret_value())
    return Client(
        given.custodian_url.rstrip("/"),
        Signer(*next(iter(keys.items()))),
        given.custodian_name,
        httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S, follow_redirects=False),
    )
