"""Talking to the simulator's control address and to the engine's half of the sandbox."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from kernel import cache
from kernel.errors import InvalidRequest, NotFound, Unavailable
from kernel.ids import uuid7
from kernel.settings import settings
from kernel.wakes import Wakes
from rivermouth.sandbox.channels import REPLIES, REQUESTS

ANSWER_WITHIN_S = 25.0


class SimulatorAway(Unavailable):
    """The venue simulator does not answer."""

    code = "simulator_unavailable"


class PriceNotShown(Unavailable):
    """The price was set, but not every feed showed it in time."""

    code = "price_not_shown"


class Simulator:
    """The simulator's control routes; its refusals become ours."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(base_url=settings().simulator_url or "http://127.0.0.1:1", timeout=15.0)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise SimulatorAway(repr(error)) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotFound
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise InvalidRequest(_detail(answer))
        return answer.json() if answer.content else None

    async def close(self) -> None:
        await self._client.aclose()


def _detail(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:300]
    return str(body.get("detail") or body.get("error") or body)[:300] if isinstance(body, dict) else str(body)[:300]


class Engine:
    """Requests to the engine over Valkey, each with its reply; a request is repeated until it is answered."""

    def __init__(self, wakes: Wakes) -> None:
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        wakes.on(REPLIES, self._received)

    def _received(self, message: str) -> None:
        reply = json.loads(message)
        waiter = self._waiting.get(reply["id"])
        if waiter is not None and not waiter.done():
            waiter.set_result(reply)

    async def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        request_id = str(uuid7())
        waiter = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        message = json.dumps({"id": request_id, "op": op, **fields})
        try:
            for _ in range(int(ANSWER_WITHIN_S)):
                cache.publish(REQUESTS, message)
                done, _pending = await asyncio.wait([waiter], timeout=1.0)
                if done:
                    break
            else:
                raise Unavailable("the engine does not answer")
        finally:
            self._waiting.pop(request_id, None)
        reply: dict[str, Any] = waiter.result()
        if not reply["ok"]:
            raise PriceNotShown(reply.get("detail"))
        return reply
