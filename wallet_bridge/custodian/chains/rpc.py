"""JSON-RPC of a node over HTTP: one question, one answer, or `ChainAway`. An error that the node answers is told apart: `RpcError`."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import httpx

from kernel.db import assert_no_transaction
from wallet_bridge.custodian.chains.port import ChainAway

TIMEOUT_S = 10.0


class RpcError(Exception):
    """The node refused the question, in its own words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Rpc:
    """A node. A user and password in the address are sent as basic authentication; fractions are read as decimals."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, auth: httpx.Auth | None = None) -> None:
        self._client = httpx.AsyncClient(timeout=timeout_s, trust_env=False, auth=auth)
        self._url = url
        self._numbers = itertools.count(1)

    async def ask(self, method: str, *params: Any, path: str = "") -> Any:
        """Raises: ChainAway, RpcError."""
        assert_no_transaction()
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(params)}
        try:
            answer = await self._client.post(self._url + path, json=body)
            told = json.loads(answer.content, parse_float=Decimal)
        except (httpx.HTTPError, ValueError) as error:
            raise ChainAway(f"{method}: {type(error).__name__}") from error
        if not isinstance(told, dict):
            raise ChainAway(f"{method}: not an answer")
        refusal = told.get("error")
        if refusal:
            raise RpcError(int(refusal.get("code", 0)), str(refusal.get("message", refusal))[:300])
        if "result" not in told:
            raise ChainAway(f"{method}: status {answer.status_code}")
        return told["result"]

    async def close(self) -> None:
        await self._client.aclose()
