"""The calls of the mail lane: what sending a mail means to the door to the outside."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Answer, Call, Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.db import Tx
from notices.mails import service, smtp
from notices.mails.rules import AddressUnusable, Server

AT_ONCE = 2
# There is nobody to ask. A mail that nobody can answer for is left to people after the first question; more of them cost nothing.
RESOLVING = Resolving(guard_s=0, every_s=3600, manual_after_s=60, answer_s=4 * smtp.TIMEOUT_S)


class MailCalls:
    """Sends in threads of its own: a slow server must not take those that the venues' lanes work in."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="smtp")

    def ready(self) -> bool:
        return True

    async def send(self, call: Call) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, call)

    def _send(self, call: Call) -> Outcome:
        try:
            message = service.prepare(tenant=call.tenant, mail_id=_mail(call))
        except AddressUnusable:
            return Refused("address_unusable", "no mail can be addressed like this", never_sent=True)
        except DBAPIError as error:
            return Refused(smtp.FOR_NOW, f"the database was away: {error.orig}"[:200], never_sent=True)
        if message is None:
            return Refused("nobody_there", "the recipient is gone", never_sent=True)
        return smtp.deliver(self._server, message)

    async def ask(self, call: Call) -> Answer:
        """Whoever sent it died before the answer was written down."""
        await asyncio.to_thread(service.give_up_asking, tenant=call.tenant, mail_id=_mail(call))
        return Unknown(service.NOBODY_KNOWS)

    def apply(self, tx: Tx, call: Call, outcome: Outcome) -> float | None:
        mail_id = _mail(call)
        match outcome:
            case Done():
                service.note_sent(tx, mail_id)
            case Refused(code, text):
                service.note_refused(tx, mail_id, text, for_now=code == smtp.FOR_NOW)
            case Unknown(text):
                service.note_unknown(tx, mail_id, text)
            case Expired():
                service.note_expired(tx, mail_id)
            case NotPlaced():
                raise AssertionError("nothing proves that a mail was not taken")
        return None


def _mail(call: Call) -> UUID:
    return UUID(call.payload["mail_id"])
