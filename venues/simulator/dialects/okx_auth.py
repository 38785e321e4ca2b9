"""Who calls OKX: key, passphrase, timestamp and signature, for REST and for the websocket login."""

import base64
import hashlib
import hmac
from datetime import datetime

from aiohttp import web

from venues.simulator.core import VenueCore
from venues.simulator.listings import Right

BASE = "/okx"
PASSPHRASE = "sim-pass"  # noqa: S105 - the simulator's keys are public
_CLOCK_MS = 30_000


class OkxError(Exception):
    """A refusal of the whole call."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def authenticate(core: VenueCore, request: web.Request, body: str, right: Right) -> str:
    headers = request.headers
    key, signature = headers.get("OK-ACCESS-KEY", ""), headers.get("OK-ACCESS-SIGN", "")
    timestamp = headers.get("OK-ACCESS-TIMESTAMP", "")
    if not key:
        raise OkxError("50103", "Request header OK-ACCESS-KEY can not be empty.", 401)
    secret = core.secret_of(key)
    if secret is None:
        raise OkxError("50111", "Invalid OK-ACCESS-KEY", 401)
    if headers.get("OK-ACCESS-PASSPHRASE") != PASSPHRASE:
        raise OkxError("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.", 401)
    try:
        sent_ms = int(datetime.fromisoformat(timestamp).timestamp() * 1000)
    except ValueError:
        raise OkxError("50112", "Invalid OK-ACCESS-TIMESTAMP", 401) from None
    if abs(core.now_ms() - sent_ms) > _CLOCK_MS:
        raise OkxError("50102", "Timestamp request expired", 401)
    signed = timestamp + request.method + request.raw_path.removeprefix(BASE) + body
    if not hmac.compare_digest(sign(secret, signed), signature):
        raise OkxError("50113", "Invalid Sign", 401)
    account = core.enter(key, right)
    if account is None:
        raise OkxError("50120", "This API key doesn't have permission to use this function", 401)
    return account


def sign(secret: str, text: str) -> str:
    """HMAC-SHA256 in base64: REST signs timestamp, method, path with query and body, the websocket login a fixed path."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
