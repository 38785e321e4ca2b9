"""One customer's own events on a line that speaks Binance's dialect: execution reports, and balances whenever they changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from broker.activity import service as activity
from identity.api_keys.service import Caller
from identity.auth import Realm
from kernel import db, feeds
from rivermouth.stream import binance_reports as reports
from rivermouth.stream.hub import Hub
from rivermouth.stream.own import Reading
from rivermouth.stream.sending import Outgoing

Write = Callable[[dict[str, Any]], str]


class Positions:
    """Balances, told as Binance tells them: a reader of the channel `balances`."""

    def __init__(self, out: Outgoing, write: Write) -> None:
        self._out, self._write = out, write
        self._known: dict[str, Any] | None = None

    def price(self, _channel: str, frame: str, *, kept: int = 1) -> None:  # noqa: ARG002  whatever waits is told whole
        now = {row["asset"]: row for row in json.loads(frame)["data"]["items"]}
        changed = [row for asset, row in now.items() if self._known is not None and self._known.get(asset) != row]
        self._known = now
        if changed:
            self._out.event(self._write(reports.position(changed)))

    def forget(self, _channel: str) -> None:
        """Nothing waits here."""


class OwnReports:
    """From now on until `stop`. `write` says how an event is put on this kind of line."""

    def __init__(self, hub: Hub, out: Outgoing, write: Write) -> None:
        self._hub, self._out, self._write = hub, out, write
        self._stops: list[Callable[[], None]] = []

    async def start(self, caller: Caller) -> None:
        owner = (caller.tenant_id, caller.principal_id)
        for channel in (activity.FILLS, activity.ORDERS):
            seq = await asyncio.to_thread(_head, owner, channel)
            reading = Reading(owner, channel, self._out, self._tell(channel))
            reading.start(seq)
            self._hub.events.add(reading)
            self._stops.append(lambda reading=reading: self._hub.events.remove(reading))  # type: ignore[misc]
        money, positions = (*owner, Realm.REAL), Positions(self._out, self._write)
        await self._hub.money.join(money, positions)
        self._stops.append(lambda: self._hub.money.leave(money, positions))

    def stop(self) -> None:
        while self._stops:
            self._stops.pop()()

    def _tell(self, channel: str) -> Callable[[feeds.Entry], None]:
        def take(entry: feeds.Entry) -> None:
            report = reports.execution(channel, json.loads(entry.data))
            if report is not None:
                self._out.event(self._write(report))

        return take


def _head(owner: tuple[Any, Any], channel: str) -> int:
    tenant, principal = owner
    with db.read_only(tenant=tenant) as tx:
        return feeds.head(tx, principal, channel)
