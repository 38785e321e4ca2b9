"""When not to call a venue: a breaker per operation, and a pause for everything once the venue has told us to wait.

The breaker opens at five errors that are more than half of the calls within 30 s, stays open for 10 s, then lets one probe through.
`429` and `418` pause *all* operations until their Retry-After, because bans hit the whole address. A pause ends in business time, so that
advancing a sandbox's clock ends it; one worth remembering outlives the process (`venues.pauses`). The clocks are handed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum

from kernel import clock

WINDOW_S = 30.0
MIN_ERRORS = 5
MAX_ERROR_SHARE = 0.5
OPEN_S = 10.0
DEFAULT_PAUSE_S = 1.0
WORTH_KEEPING_S = 5.0  # shorter pauses are over before another process could hear of them


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """One (venue, operation). A call asks `wait_s` before it starts and reports `succeeded` or `failed` after it."""

    def __init__(self, venue: str, operation: str, *, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self.venue, self.operation = venue, operation
        self._monotonic = monotonic
        self._calls: deque[tuple[float, bool]] = deque()
        self._open_until: float | None = None
        self._probe_until: float | None = None

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._monotonic() < self._open_until else BreakerState.HALF_OPEN

    def blocked_s(self) -> float:
        """Seconds until a call may start, 0 if now. Takes nothing."""
        now = self._monotonic()
        return max((self._open_until or now) - now, (self._probe_until or now) - now, 0.0)

    def wait_s(self) -> float:
        """As `blocked_s`; a 0 takes the probe of a half-open breaker."""
        blocked = self.blocked_s()
        if blocked == 0.0 and self.state is BreakerState.HALF_OPEN:
            self._probe_until = self._monotonic() + OPEN_S  # a probe that never reports must not block for ever
        return blocked

    def succeeded(self) -> None:
        if self._open_until is not None:
            self._open_until = self._probe_until = None
            self._calls.clear()
        self._note(error=False)

    def failed(self) -> None:
        self._note(error=True)
        if self.state is BreakerState.HALF_OPEN:
            self._open()
            return
        errors = sum(1 for _, error in self._calls if error)
        if self._open_until is None and errors >= MIN_ERRORS and errors > MAX_ERROR_SHARE * len(self._calls):
            self._open()

    def _open(self) -> None:
        self._open_until, self._probe_until = self._monotonic() + OPEN_S, None

    def _note(self, *, error: bool) -> None:
        now = self._monotonic()
        self._calls.append((now, error))
        while self._calls and self._calls[0][0] <= now - WINDOW_S:
            self._calls.popleft()


class VenueHealth:
    """The breakers of one venue and its pause; shared by orders, questions and feeds of a process."""

    def __init__(
        self,
        venue: str,
        *,
        monotonic: Callable[[], float] = clock.monotonic,
        business: Callable[[], float] | None = None,
    ) -> None:
        self.venue = venue
        self._monotonic = monotonic
        self._business = business or (clock.business_monotonic if monotonic is clock.monotonic else monotonic)
        self._breakers: dict[str, Breaker] = {}
        self._paused_until = 0.0
        self._held_until = 0.0
        self._untold = False

    def breaker(self, operation: str) -> Breaker:
        if operation not in self._breakers:
            self._breakers[operation] = Breaker(self.venue, operation, monotonic=self._monotonic)
        return self._breakers[operation]

    def states(self) -> dict[str, BreakerState]:
        """Operation → its breaker, of those that were called in this process."""
        return {operation: breaker.state for operation, breaker in list(self._breakers.items())}

    def pause(self, retry_after_s: float | None) -> None:
        """The venue limits us: no call of any kind before this has passed."""
        seconds = DEFAULT_PAUSE_S if retry_after_s is None else retry_after_s
        until = self._business() + seconds
        if until > self._paused_until:
            self._paused_until = until
            self._untold = self._untold or seconds >= WORTH_KEEPING_S

    def hold(self, seconds: float) -> None:
        """What is known from outside, a ban of another process or a maintenance: no call for so long, 0 for no reason to wait."""
        self._held_until = self._business() + seconds if seconds > 0 else 0.0

    def take_untold(self) -> float | None:
        """Seconds of a pause that others have not heard of yet, 0 when it was taken back; None when there is no news."""
        if not self._untold:
            return None
        self._untold = False
        return max(self._paused_until - self._business(), 0.0)

    def paused_s(self) -> float:
        return max(max(self._paused_until, self._held_until) - self._business(), 0.0)

    def wait_s(self, operation: str) -> float:
        """Seconds until a call of this operation may start, 0 if now (then it counts as started)."""
        return self.paused_s() or self.breaker(operation).wait_s()

    def ready(self, operation: str) -> bool:
        """Whether a call of this operation would be let through now; takes no probe."""
        return self.paused_s() == 0.0 and self.breaker(operation).blocked_s() == 0.0

    def reset(self) -> None:
        """Forget everything: somebody who knows better says that the venue is well."""
        self._breakers.clear()
        self._paused_until = self._held_until = 0.0
        self._untold = True
