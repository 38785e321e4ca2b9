"""One client of the stream: who it is, what it listens to, and its requests one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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
from rivermouth.stream.own import Reading
from rivermouth.stream.requests import Auth, Ping, Request, Resume, Subscribe, Unsubscribe
from rivermouth.stream.sending import CloseCode, Outgoing
from rivermouth.stream.topics import envelope

MAX_CHANNELS = 200
MESSAGES_PER_S, MESSAGES_AT_ONCE = 20.0, 60.0
START_WITHIN_S = 10.0
HEARTBEAT_S = 15.0
_log = log.get("stream")


class Connection:
    """`serve` runs until the client or the server has had enough."""

    def __init__(self, hub: Hub, socket: WebSocket, principal: Principal | None) -> None:
        self.principal = principal
        self.out = Outgoing(socket)
        self._hub, self._socket = hub, socket
        self._leave: dict[str, Callable[[], None]] = {}
        self._allowance, self._spoke_at = MESSAGES_AT_ONCE, clock.monotonic()

    def session_ended(self) -> None:
        self.out.end(CloseCode.SESSION_ENDED)

    async def serve(self) -> None:
        writer = asyncio.create_task(self.out.write(), name="stream:write")
        others = [
            asyncio.create_task(self._listen(), name="stream:listen"),
            asyncio.create_task(self._expect_a_purpose(), name="stream:purpose"),
            asyncio.create_task(self._beat(), name="stream:beat"),
        ]
        try:
            await asyncio.wait([writer, others[0]], return_when=asyncio.FIRST_COMPLETED)
            if others[0].done() and self.out.cut is not None:
                await writer  # it still has to say why
        finally:
            for task in (writer, *others):
                task.cancel()
            await asyncio.gather(writer, *others, return_exceptions=True)
            for leave in self._leave.values():
                leave()

    async def _listen(self) -> None:
        while self.out.cut is None:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None or len(text) > requests.MAX_MESSAGE:
                self.out.end(CloseCode.TOO_LARGE)
            elif not self._may_speak():
                self.out.end(CloseCode.TOO_MANY_MESSAGES)
            else:
                await self._hear(text)

    def _may_speak(self) -> bool:
        now = clock.monotonic()
        refilled = self._allowance + (now - self._spoke_at) * MESSAGES_PER_S
        self._allowance, self._spoke_at = min(refilled, MESSAGES_AT_ONCE) - 1, now
        return self._allowance >= 0

    async def _expect_a_purpose(self) -> None:
        """Whoever neither logs in nor listens to anything goes."""
        await asyncio.sleep(START_WITHIN_S)
        if self.principal is None and not self._leave:
            self.out.end(CloseCode.IDLE)

    async def _beat(self) -> None:
        """Whoever listens learns that the line is alive."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.out.price("heartbeat", requests.answer("heartbeat", None, at=clock.wall()))

    async def _hear(self, text: str) -> None:
        request: Request | None = None
        try:
            request = requests.read(text)
            await self._do(request)
        except DomainError as error:
            self.out.answer(requests.refusal(error, request.id if request else None))
            if isinstance(request, Auth):
                self.out.end(CloseCode.UNAUTHORIZED)
        except SQLAlchemyError as error:
            _log.warning("database_away", error=str(error)[:200])
            self.out.answer(requests.refusal(Unavailable(), request.id if request else None))

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
            if name not in self._leave:
                if len(self._leave) >= MAX_CHANNELS:
                    raise TooManySubscriptions(f"at most {MAX_CHANNELS} on one connection")
                self.out.answer(requests.answer("subscribed", request.id, channel=name))
                await self._join(channel, principal)
        except DomainError as error:
            self.out.answer(requests.refusal(error, request.id, channel=name))

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
            self._leave[channel.name] = lambda: self._hub.prices.leave(channel.name, self.out)
        elif channel.kind is Kind.BALANCES:
            key = (principal.tenant_id, principal.id, principal.realm)
            await self._hub.money.join(key, self.out)
            self._leave[channel.name] = lambda: self._hub.money.leave(key, self.out)
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
        self._leave[name] = lambda: self._hub.events.remove(reading)
        return reading

    def _unsubscribe(self, name: str) -> None:
        leave = self._leave.pop(name, None)
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
