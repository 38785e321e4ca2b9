"""Why there are no candles."""

from kernel.errors import DomainError


class UnknownInterval(DomainError):
    """Candles come in other intervals; `allowed` names them."""

    code = "unknown_interval"
    status = 400
