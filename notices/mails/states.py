"""What became of a mail."""

from enum import StrEnum

from kernel.states import States


class MailState(StrEnum):
    WAITING = "waiting"  # a call has been asked for
    LATER = "later"  # the server provably did not take it and may take it later
    SENT = "sent"  # the server took it; whether it arrives is the mail system's business
    UNKNOWN = "unknown"  # it may have been taken: never sent again
    REFUSED = "refused"  # the server, or we, will not take it at all
    EXPIRED = "expired"  # nobody could send it in time


_M = MailState
MAIL = States(
    "mail",
    MailState,
    initial={_M.WAITING},
    moves={
        _M.WAITING: {_M.LATER, _M.SENT, _M.UNKNOWN, _M.REFUSED, _M.EXPIRED},
        _M.LATER: {_M.WAITING},
        _M.SENT: set(),
        _M.UNKNOWN: set(),
        _M.REFUSED: set(),
        _M.EXPIRED: set(),
    },
)
