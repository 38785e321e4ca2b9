"""Why a market cannot be used."""

from kernel.errors import DomainError


class UnknownSymbol(DomainError):
    """There is no market with this symbol; write it like BTC-USDT."""

    code = "unknown_symbol"
    status = 404


class MarketPaused(DomainError):
    """This market takes no new orders at the moment."""

    code = "market_paused"
    status = 409
