"""Who calls Binance: API key, HMAC-SHA256 signature and the time window, checked as the real venue checks them."""

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl

from venues.simulator.core import SimReject, VenueCore
from venues.simulator.listings import Right

_DEFAULT_WINDOW_MS = 5000
_MAX_WINDOW_MS = 60_000
_AHEAD_MS = 1000
_MARK = "signature="


class BinanceError(Exception):
    """An answer with Binance's error code."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "msg": self.message}


_REJECTS = {
    "insufficient_funds": (-2010, "Account has insufficient balance for requested action."),
    "duplicate_client_order_id": (-2010, "Duplicate order sent."),
    "post_only_would_match": (-2010, "Order would immediately match and take."),
    "min_notional": (-1013, "Filter failure: NOTIONAL"),
    "lot_size": (-1013, "Filter failure: LOT_SIZE"),
    "price_filter": (-1013, "Filter failure: PRICE_FILTER"),
    "unknown_symbol": (-1121, "Invalid symbol."),
    "unknown_order": (-2011, "Unknown order sent."),
}


def refusal(reject: SimReject) -> BinanceError:
    code, message = _REJECTS[reject.kind]
    return BinanceError(code, message)


def signed_account(
    core: VenueCore, *, api_key: str, query: str, body: str, right: Right = "read"
) -> tuple[str, dict[str, str]]:
    """The account and the parameters of a signed request; everything before the signature is signed.

    Raises:
        BinanceError: key, signature or time window are refused.
    """
    params = dict(parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
    secret = core.secret_of(api_key)
    if secret is None:
        raise BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    signed = _without_signature(query) + _without_signature(body)
    expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, params.get("signature", "")):
        raise BinanceError(-1022, "Signature for this request is not valid.")
    check_window(core, params)
    account = core.enter(api_key, right)
    if account is None:
        raise BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    return account, params


def check_window(core: VenueCore, params: dict[str, str]) -> None:
    """A request that comes too late is refused, so that a client can know when an order can no longer appear."""
    try:
        sent, window = int(params["timestamp"]), int(params.get("recvWindow", _DEFAULT_WINDOW_MS))
    except (KeyError, ValueError):
        raise BinanceError(-1102, "Mandatory parameter 'timestamp' was malformed.") from None
    now = core.now_ms()
    if sent > now + _AHEAD_MS:
        raise BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now - sent > min(window, _MAX_WINDOW_MS):
        raise BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")


def _without_signature(text: str) -> str:
    return "&".join(part for part in text.split("&") if not part.startswith(_MARK))
