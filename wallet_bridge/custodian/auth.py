"""Who asks: every request carries a signature of a bridge that is known, fresh, and used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from kernel import db
from kernel.clock import wall
from kernel.signing import PublicKeys
from wallet_bridge.custodian.errors import WireUnsigned
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message, WireRefused

_KEPT = timedelta(seconds=4 * signing.WINDOW_S)


@dataclass(frozen=True, slots=True)
class Door:
    """The name requests are signed for, and the keys that may sign them."""

    name: str
    clients: PublicKeys


async def _signed(request: Request) -> str:
    door: Door = request.app.state.door
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    message = Message(door.name, request.method, target, await request.body())
    try:
        seen = signing.verify(door.clients, message, request.headers, now=wall().timestamp())
    except WireRefused as error:
        raise WireUnsigned(str(error)) from None
    if not _first_time(seen.key_id, seen.nonce):
        raise WireUnsigned("this message was used before")
    return seen.key_id


def _first_time(key_id: str, nonce: str) -> bool:
    now = wall()
    with db.transaction() as tx:
        made = tx.first(
            "INSERT INTO custody.nonces (key_id, nonce, at) VALUES (:key, :nonce, :now) ON CONFLICT DO NOTHING RETURNING nonce",
            key=key_id, nonce=nonce, now=now,
        )  # fmt: skip
    return made is not None


def forget_old() -> None:
    """Nonces of messages that are too old to be taken again."""
    with db.transaction() as tx:
        tx.execute("DELETE FROM custody.nonces WHERE at < :before", before=wall() - _KEPT)


Client = Annotated[str, Depends(_signed)]
