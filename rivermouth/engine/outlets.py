"""Where notices leave the house: the lane of mails, and a lane for each webhook and chat channel that has something to be told."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import DBAPIError

from kernel import cancellation, clock, db, log
from kernel.calls import service as outside
from kernel.calls.lane import Kind, Lane, Resolving
from kernel.leases import LeaseKeeper
from kernel.settings import settings
from kernel.wakes import Wakes
from notices.chat import calls as chat_calls
from notices.chat import service as chat
from notices.mails import calls as mail_calls
from notices.mails import service as mails
from notices.mails.rules import read_server
from notices.webhooks import calls as webhook_calls
from notices.webhooks import service as webhooks
from notices.webhooks.posting import Post

POLL_S = 0.5  # nobody waits for a mail as somebody waits for an order
LOOK_S = 1.0
IDLE_S = 600.0
_log = log.get("outlets")


def mail_lane(leases: LeaseKeeper, wakes: Wakes) -> Lane | None:
    """None in a deployment that sends no mails.

    Raises:
        SmtpUrlMalformed: the setting is no address of a server.
    """
    url = settings().smtp_url
    if url is None:
        return None
    return Lane(
        mails.LANE,
        {mails.KIND: mail_calls.MailCalls(read_server(url.get_secret_value()))},
        leases=leases,
        wakes=wakes,
        max_in_flight=mail_calls.AT_ONCE,
        resolving=mail_calls.RESOLVING,
        poll_s=POLL_S,
    )


class TargetLanes:
    """One owner knows which targets have work and keeps a lane for each, so that a slow one makes no other wait.

    A lane that has had nothing to do for a while ends. What is sent is decided by the lane's own lease: two owners harm nobody.
    """

    def __init__(
        self,
        leases: LeaseKeeper,
        wakes: Wakes,
        *,
        owner: str,
        prefix: str,
        kinds: dict[str, Kind],
        at_once: int,
        resolving: Resolving,
    ) -> None:
        """`owner`: its lease, and its name in metrics; `prefix`: how its lanes are called."""
        self._leases, self._wakes = leases, wakes
        self._owner, self._prefix, self._kinds = owner, prefix, kinds
        self._at_once, self._resolving = at_once, resolving
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._busy_at: dict[str, float] = {}

    async def run(self) -> None:
        self._leases.want(self._owner)
        try:
            while True:
                try:
                    await self._look()
                except DBAPIError as error:
                    _log.warning("database_away", owner=self._owner, error=str(error.orig))
                await asyncio.sleep(LOOK_S)
        finally:
            await self._end(list(self._lanes))

    async def _look(self) -> None:
        if self._leases.epoch(self._owner) is None:
            await self._end(list(self._lanes))
            return
        now = clock.monotonic()
        busy = await asyncio.to_thread(_open_lanes, self._prefix)
        self._busy_at |= dict.fromkeys(busy, now)
        for name in busy - self._lanes.keys():
            self._lanes[name] = asyncio.create_task(self._lane(name).run(), name=name)
        failed = [name for name, task in self._lanes.items() if task.done()]
        await self._end([*failed, *(name for name, at in self._busy_at.items() if now - at > IDLE_S)])

    def _lane(self, name: str) -> Lane:
        return Lane(
            name,
            self._kinds,
            leases=self._leases,
            wakes=self._wakes,
            max_in_flight=self._at_once,
            resolving=self._resolving,
            poll_s=POLL_S,
            measured_as=self._owner,
        )

    async def _end(self, names: list[str]) -> None:
        """What one of them had in hand is asked about by the next owner."""
        tasks = []
        for name in names:
            self._leases.leave(f"lane:{name}")
            self._busy_at.pop(name, None)
            task = self._lanes.pop(name, None)
            if task is not None:
                if task.done() and not task.cancelled() and task.exception() is not None:
                    _log.error("lane_failed", lane=name, error=repr(task.exception()))
                tasks.append(task)
        await cancellation.end(tasks)


class WebhookLanes(TargetLanes):
    """To ask is here to send again under the same id."""

    def __init__(self, leases: LeaseKeeper, wakes: Wakes) -> None:
        calls = webhook_calls.WebhookCalls(Post(plain=settings().sandbox, allowed=webhooks.allowed_targets()))
        super().__init__(
            leases,
            wakes,
            owner="webhooks",
            prefix=webhooks.LANES,
            kinds={webhooks.KIND: calls},
            at_once=webhook_calls.AT_ONCE,
            resolving=webhook_calls.RESOLVING,
        )


class ChatLanes(TargetLanes):
    """Nobody can be asked, and nothing is sent again."""

    def __init__(self, leases: LeaseKeeper, wakes: Wakes) -> None:
        calls = chat_calls.ChatCalls(plain=settings().sandbox, allowed=webhooks.allowed_targets())
        super().__init__(
            leases,
            wakes,
            owner="chat",
            prefix=chat.LANES,
            kinds={chat.KIND: calls},
            at_once=chat_calls.AT_ONCE,
            resolving=chat_calls.RESOLVING,
        )


def _open_lanes(prefix: str) -> set[str]:
    with db.read_only() as tx:
        return outside.open_lanes(tx, prefix=prefix)
