"""What a run of the payout is in, and what can be late."""

from __future__ import annotations

from enum import StrEnum


class PayoutRunState(StrEnum):
    """`died`: it has not ended and was not heard of for minutes. What it paid is paid; what it left is the next run's."""

    RUNNING = "running"
    ENDED = "ended"
    DIED = "died"


class Late(StrEnum):
    """`stopped`: no run has come to its end for a day; `rows` are due for a day though runs end; `refused` ones the ledger will not pay."""

    STOPPED = "stopped"
    ROWS = "rows"
    REFUSED = "refused"
