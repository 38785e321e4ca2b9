"""The calls of chat lanes: one for each message, never sent twice."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.crypto import SecretUnreadable
from kernel.db import Tx
from notices.chat import addresses, sending, service

AT_ONCE = 1
DATABASE_AWAY = "database_away"
# There is nobody to ask: a message that nobody can answer for is left to people after the first question.
RESOLVING = Resolving(guard_s=0, every_s=3600, manual_after_s=60, answer_s=8 * addresses.TIMEOUT_S)


class ChatCalls:
    """Sends in threads of its own: a slow service must not take those that the venues' lanes work in."""

    def __init__(self, *, plain: bool, allowed: frozenset[str]) -> None:
        self._plain, self._allowed = plain, allowed
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="chat")

    def ready(self) -> bool:
        return True

    async def send(self, call: Call) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, call)

    def _send(self, call: Call) -> Outcome:
        try:
            letter = service.prepare(tenant=call.tenant, message_id=_message(call))
        except SecretUnreadable as error:
            return Refused(error.code, "its address does not open", never_sent=True)
        except DBAPIError as error:
            return Refused(DATABASE_AWAY, f"the database was away: {error.orig}"[:200], never_sent=True)
        if letter is None:
            return Refused("gone", "the channel is gone", never_sent=True)
        return sending.deliver(letter, plain=self._plain, allowed=self._allowed)

    async def ask(self, call: Call) -> Answer:
        """Whoever sent it died before the answer was written down."""
        await asyncio.to_thread(service.give_up_asking, tenant=call.tenant, message_id=_message(call))
        return Unknown(service.NOBODY_KNOWS)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        message_id = _message(call)
        match outcome:
            case Done():
                service.note_sent(tx, message_id)
            case Refused(code, text):
                service.note_refused(tx, message_id, text, for_now=code == DATABASE_AWAY)
            case Unknown(text):
                service.note_unknown(tx, message_id, text)
            case Expired():
                service.note_expired(tx, message_id)
            case NotPlaced():
                raise AssertionError("nothing proves that a message was not taken")
        return None


def _message(call: Call) -> UUID:
    return UUID(call.payload["message_id"])
