"""What each venue can and cannot do: the closed matrix that gateway, lane, resolver and feed obey.

A venue that is not here is not traded. Times are wall time; the resolver's guards are scaled by a setting so that tests need not wait,
and one test runs at the real values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kernel.errors import NotFound
from kernel.settings import settings

CLOCK_SKEW_S = 1.0
GUARD_MARGIN_S = 5.0
UNBOUNDED_GUARD_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One row of the matrix.

    create_returns: what the answer to a new order holds; `id` means that the gateway asks at once for the rest.
    find: how an order is found by our id: directly, in lists that filter by it, or by scanning the lists.
    repeated_coid: what the venue does with an id that it has seen; never rely on a refusal.
    validity_s: how long after `sent_at` the venue may accept an order; None = no bound.
    remembers_s: for how long an answer "no such order" covers closed orders; older questions get no authoritative answer.
    send_within_s: longest wait inside the gateway before an order that is still unsent is dropped instead.
    burst, per_s: requests of one key, below what the venue allows.
    fill_or_kill: whether it takes an order that is filled whole at once or not at all.
    """

    venue: str
    create_returns: Literal["fills", "status", "id"]
    find: Literal["by_coid", "lists_by_coid", "scan"]
    repeated_coid: Literal["refused", "refused_while_open", "accepted"]
    coid_digits_only: bool
    validity_s: float | None
    remembers_s: float
    nonce_must_rise: bool
    send_within_s: float
    streams: bool
    fee_in: Literal["received", "quote"]
    burst: int
    per_s: float
    fill_or_kill: bool = True

    @property
    def max_in_flight(self) -> int:
        """Requests that may be under way at once: a nonce that must rise allows one."""
        return 1 if self.nonce_must_rise else 32

    @property
    def guard_s(self) -> float:
        """How long after `sent_at` "no such order" is not believed, unscaled."""
        if self.validity_s is None:
            return UNBOUNDED_GUARD_S
        return self.validity_s + CLOCK_SKEW_S + GUARD_MARGIN_S


_HOUR_S = 3600.0

CAPABILITIES: dict[str, Capabilities] = {
    row.venue: row
    for row in (
        Capabilities(
            venue="binance",
            create_returns="fills",
            find="by_coid",
            repeated_coid="refused_while_open",
            coid_digits_only=False,
            validity_s=5.0,
            remembers_s=48 * _HOUR_S,
            nonce_must_rise=False,
            send_within_s=2.0,
            streams=True,
            fee_in="received",
            burst=100,
            per_s=20.0,
        ),
        Capabilities(
            venue="bitfinex",
            create_returns="status",
            find="scan",
            repeated_coid="accepted",
            coid_digits_only=True,
            validity_s=None,
            remembers_s=_HOUR_S,
            nonce_must_rise=True,
            send_within_s=1.0,
            streams=False,
            fee_in="received",
            burst=60,
            per_s=1.2,
        ),
        Capabilities(
            venue="kraken",
            create_returns="id",
            find="lists_by_coid",
            repeated_coid="refused_while_open",
            coid_digits_only=False,
            validity_s=5.0,
            remembers_s=24 * _HOUR_S,
            nonce_must_rise=True,
            send_within_s=2.0,
            streams=False,
            fee_in="quote",
            burst=20,
            per_s=0.5,
            fill_or_kill=False,  # its list of times in force has none that can be relied on
        ),
        Capabilities(
            venue="okx",
            create_returns="id",
            find="by_coid",
            repeated_coid="refused",
            coid_digits_only=False,
            validity_s=5.0,
            remembers_s=_HOUR_S,
            nonce_must_rise=False,
            send_within_s=2.0,
            streams=True,
            fee_in="received",
            burst=50,
            per_s=20.0,
        ),
    )
}


def of(venue: str) -> Capabilities:
    """The row of a venue.

    Raises:
        NotFound: no such venue.
    """
    row = CAPABILITIES.get(venue)
    if row is None:
        raise NotFound(f"there is no venue {venue}")
    return row


def guard_s(venue: str) -> float:
    """The resolver's guard for this venue, scaled by the setting `resolver_scale`."""
    return of(venue).guard_s * settings().resolver_scale
