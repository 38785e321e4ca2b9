"""Our refusals in Binance's words. A code is a promise: bots decide by it whether an order exists.

What denies an order before anything was written is a definite refusal (-2010 and its like). What we cannot know is never one of those:
a database that went away around a commit is -1007, *execution status unknown*, and the bot has to ask.
"""

from __future__ import annotations

from identity.api_keys.errors import ApiKeyRefused, RequestTooOld, SignatureInvalid
from kernel.errors import DomainError, NotFound, Unavailable
from kernel.money import InvalidAmount


class Refusal(Exception):
    """An answer with one of Binance's error codes."""

    def __init__(
        self, code: int, message: str, *, status: int = 400, retry_after_s: int | None = None, data: object = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.retry_after_s = retry_after_s
        self.data = data

    def body(self) -> dict[str, object]:
        told: dict[str, object] = {"code": self.code, "msg": self.message}
        return told if self.data is None else {**told, "data": self.data}


def missing(name: str) -> Refusal:
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def malformed(name: str) -> Refusal:
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'.")


def bad_signature() -> Refusal:
    return Refusal(-1022, "Signature for this request is not valid.")


def key_refused() -> Refusal:
    return Refusal(-2015, "Invalid API-key, IP, or permissions for action.", status=401)


def unknown_order() -> Refusal:
    return Refusal(-2013, "Order does not exist.")


def nothing_to_cancel() -> Refusal:
    return Refusal(-2011, "Unknown order sent.")


def closed_market() -> Refusal:
    return Refusal(-1013, "Market is closed.")


def unknown_outcome() -> Refusal:
    """Said wherever an order may or may not have been written."""
    text = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
    return Refusal(-1007, text, status=503)


def unavailable() -> Refusal:
    return Refusal(-1001, "Internal error; unable to process your request. Please try again.", status=503)


def fault() -> Refusal:
    """A fault of ours where nothing was to be changed; bots that read our own words for it would stumble over them."""
    return Refusal(-1000, "An unknown error occurred while processing the request.", status=500)


_WORDS: dict[str, Refusal] = {
    "insufficient_funds": Refusal(-2010, "Account has insufficient balance for requested action."),
    "duplicate_client_order_id": Refusal(-2010, "Duplicate order sent."),
    "would_trigger": Refusal(-2010, "Stop price would trigger immediately."),
    "maintenance": closed_market(),
    "trading_stopped": closed_market(),
    "would_execute": Refusal(-2010, "Order would immediately match and take."),
    "invalid_price": Refusal(-1013, "Filter failure: PRICE_FILTER"),
    "invalid_quantity": Refusal(-1013, "Filter failure: NOTIONAL"),  # the step was looked at before
    "unknown_symbol": Refusal(-1121, "Invalid symbol."),
    "order_not_open": nothing_to_cancel(),
    "market_paused": closed_market(),
    "market_halted": closed_market(),
    "idempotency_conflict": Refusal(-2010, "Duplicate order sent."),
}


def denied(error: DomainError) -> Refusal:
    """An order was refused before anything was written: whatever the reason, it is no order."""
    known = _WORDS.get(error.code)
    if known is not None:
        return Refusal(known.code, known.message)
    if isinstance(error, InvalidAmount):
        return malformed("quantity or price")
    return Refusal(-2010, f"{error.title().rstrip('.')} ({error.code}).")


def word(error: DomainError) -> Refusal:
    """Any refusal that is not the denial of an order."""
    if isinstance(error, SignatureInvalid):
        return bad_signature()
    if isinstance(error, RequestTooOld):
        return Refusal(-1021, error.detail)
    if isinstance(error, ApiKeyRefused):
        return key_refused()
    if isinstance(error, NotFound):
        return unknown_order()
    known = _WORDS.get(error.code)
    if known is not None:
        return Refusal(known.code, known.message)
    if isinstance(error, Unavailable) or error.status >= 500:
        return unavailable()
    if isinstance(error, InvalidAmount):
        return malformed("quantity or price")
    return Refusal(-1100, f"{error.title().rstrip('.')} ({error.code}).")
