"""Handing one message to a chat service. The library answers yes or no, and its no may be a timeout: no means that nobody knows."""

from __future__ import annotations

from apprise import NotifyFormat

from kernel.calls.outcomes import Done, Outcome, Refused, Unknown
from kernel.db import assert_no_transaction
from notices.chat import addresses, guard
from notices.chat.errors import ChannelAddressRefused
from notices.chat.service import Letter

NO_YES = "the service did not say yes"


def deliver(letter: Letter, *, plain: bool, allowed: frozenset[str]) -> Outcome:
    """Send it once."""
    assert_no_transaction()
    try:
        service = addresses.read(letter.address, plain=plain, allowed=allowed)
    except ChannelAddressRefused as refusal:
        return Refused(refusal.code, refusal.detail, never_sent=True)
    assert service.retry == 0, "the library would send again by itself"
    with guard.watching(allowed) as watch:
        try:
            taken = service.notify(body=letter.message.body, title=letter.message.title, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001  of a service's own code; its words may hold the address
            taken, said = False, type(error).__name__
        else:
            said = NO_YES
    if taken:
        return Done({})
    if watch.refused and not watch.opened:
        return Refused("leads_inside", "the address leads inside", never_sent=True)
    return Unknown(said)
