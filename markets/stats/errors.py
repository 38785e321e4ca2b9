"""Why there are no statistics."""

from kernel.errors import DomainError


class StatsUnavailable(DomainError):
    """Nothing was traded in this market yet, as far as is known here."""

    code = "stats_unavailable"
    status = 503
