"""One client of the stream: who it is, what it listens to, and its requests one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket

from broker.activity import service as activity
from broker.orders.errors import RealmNotOffered
from identity import auth
from identity.auth import Principal, Realm
from kernel import clock, db, feeds, log
from kernel.errors import DomainError, Forbidden, Unauthorized, Unavailable
from rivermouth.stream import channels, requests
from rivermouth.stream.channels import NUMBERED, PRIVATE, Channel, Kind
from rivermouth.stream.errors import AlreadyAuthenticated, NotResumable, ResumeTooOld, TooManySubscriptions
from rivermouth.stream.hub import Hub
from rivermouth.stream.line import Line
from rivermouth.stream.own import Reading
from rivermouth.stream.requests import Auth, Ping, Request, Resume, Subscribe, Unsubscribe
from rivermouth.stream.sending import CloseCode
from rivermouth.stream.topics import envelope

MAX_CHANNELS = 200
HEARTBEAT_S = 15.0
_log = log.get("stream")


class Connection(Line):
    """Our own protocol, docs/stream.md."""

    def __init__(self, hub: Hub, socket: WebSocket, principal: Principal | None) -> None:
        super().__init__(socket, principal)
        self._hub = hub

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        return [*super().beside(), self._beat()]

    async def _beat(self) -> None:
        """Whoever listens learns that the line is alive."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.out.price("heartbeat", requests.answer("heartbeat", None, at=clock.wall()))

    async def hear(self, text: str) -> None:
        request: Request | None = None
        try:
            request = requests.read(text)
            await self._do(request)
        except DomainError as error:
            self.out.answer(requests.refusal(error, request.id if request else None, **_subject(request)))
            if isinstance(request, Auth):
                self.out.end(CloseCode.UNAUTHORIZED)
        except SQLAlchemyError as error:
            _log.warning("database_away", error=str(error)[:200])
            self.out.answer(requests.refusal(Unavailable(), request.id if request else None, **_subject(request)))

    async def _do(self, request: Request) -> None:
        match request:
            case Auth():
                await self._authenticate(request)
            case Subscribe():
                for name in request.channels:
                    await self._subscribe(request, name)
            case Unsubscribe():
                for name in request.channels:
                    self._unsubscribe(name)
                self.out.answer(requests.answer("unsubscribed", request.id, channels=request.channels))
            case Resume():
                await self._resume(request)
            case Ping():
                self.out.answer(requests.answer("pong", request.id, at=clock.wall()))

    async def _authenticate(self, request: Auth) -> None:
        if self.principal is not None:
            raise AlreadyAuthenticated
        principal = await asyncio.to_thread(auth.authenticate, request.token, realm=request.realm)
        if principal is None:
            raise Unauthorized
        self.principal = principal
        self.out.answer(
            requests.answer(
                "authenticated", request.id, realm=request.realm, session_expires_at=principal.session_expires_at
            )
        )

    async def _subscribe(self, request: Subscribe, name: str) -> None:
        """One refused channel does not spoil the others of the request."""
        try:
            channel = channels.parse(name)
            principal = self._permitted(channel)
            if name not in self.leave:
                if len(self.leave) >= MAX_CHANNELS:
                    raise TooManySubscriptions(f"at most {MAX_CHANNELS} on one connection")
                self.out.answer(requests.answer("subscribed", request.id, channel=name))
                await self._join(channel, principal)
        except DomainError as error:
            self.out.answer(requests.refusal(error, request.id, channel=name))
        except SQLAlchemyError as error:
            _log.warning("database_away", channel=name, error=str(error)[:200])
            self.out.answer(requests.refusal(Unavailable(), request.id, channel=name))

    def _permitted(self, channel: Channel) -> Principal | None:
        wanted = PRIVATE.get(channel.kind)
        if wanted is None:
            return None
        if self.principal is None:
            raise Unauthorized
        if not self.principal.may(wanted):
            raise Forbidden
        if channel.kind in NUMBERED and self.principal.realm is not Realm.REAL:
            raise RealmNotOffered
        return self.principal

    async def _join(self, channel: Channel, principal: Principal | None) -> None:
        if principal is None:
            await self._hub.prices.join(channel, self.out)
            self.leave[channel.name] = lambda: self._hub.prices.leave(channel.name, self.out)
        elif channel.kind is Kind.BALANCES:
            key = (principal.tenant_id, principal.id, principal.realm)
            await self._hub.money.join(key, self.out)
            self.leave[channel.name] = lambda: self._hub.money.leave(key, self.out)
        else:
            seq, snapshot = await asyncio.to_thread(_snapshot, principal, channel.name)
            self.out.event(envelope(channel.name, seq, "snapshot", snapshot))
            self._follow(channel.name, principal, seq)

    def _follow(self, name: str, principal: Principal, seq: int) -> Reading:
        def take(entry: feeds.Entry) -> None:
            self.out.event(envelope(name, entry.seq, "update", entry.data))

        reading = Reading((principal.tenant_id, principal.id), name, self.out, take)
        reading.start(seq)
        self._hub.events.add(reading)
        self.leave[name] = lambda: self._hub.events.remove(reading)
        return reading

    def _unsubscribe(self, name: str) -> None:
        leave = self.leave.pop(name, None)
        if leave is not None:
            leave()

    async def _resume(self, request: Resume) -> None:
        channel = channels.parse(request.channel)
        if channel.kind not in NUMBERED:
            raise NotResumable
        principal = self._permitted(channel)
        assert principal is not None
        head, kept = await asyncio.to_thread(_kept_behind, principal, channel.name, request.seq)
        if not kept:
            raise ResumeTooOld(head=head)
        self._unsubscribe(channel.name)
        self.out.answer(requests.answer("resumed", request.id, channel=channel.name, seq=request.seq, head=head))
        self._follow(channel.name, principal, request.seq).reach(head)


def _subject(request: Request | None) -> dict[str, str]:
    """The channel that a refusal is about, where it is about one."""
    return {"channel": request.channel} if isinstance(request, Resume) else {}


def _snapshot(principal: Principal, channel: str) -> tuple[int, str]:
    """The number and what it stands for, of one moment."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        return feeds.head(tx, principal.id, channel), activity.snapshot(tx, principal.id, channel)


def _kept_behind(principal: Principal, channel: str, seq: int) -> tuple[int, bool]:
    """The newest number, and whether everything behind `seq` is still there."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        head = feeds.head(tx, principal.id, channel)
        following = feeds.after(tx, principal.id, channel, seq, limit=1)
    if seq >= head:
        return head, seq == head
    return head, bool(following) and following[0].seq == seq + 1
