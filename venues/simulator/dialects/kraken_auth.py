"""Who calls Kraken: the key, a nonce that must rise, and a signature over path, nonce and body."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qsl

from aiohttp import web

from venues.simulator.core import VenueCore
from venues.simulator.dialects.memory import Nonces
from venues.simulator.listings import Right

BASE = "/kraken"
Form = dict[str, str]


class KrakenError(Exception):
    """An entry of the error list."""


def parse_form(request: web.Request, body: str) -> Form:
    if request.content_type != "application/json":
        return dict(parse_qsl(body, keep_blank_values=True))
    try:
        return {str(name): str(value) for name, value in json.loads(body).items()}
    except (ValueError, AttributeError):
        raise KrakenError("EGeneral:Invalid arguments") from None


def authenticate(core: VenueCore, nonces: Nonces, request: web.Request, body: str, form: Form, right: Right) -> str:
    key, nonce = request.headers.get("API-Key", ""), form.get("nonce", "")
    secret = core.secret_of(key)
    if secret is None:
        raise KrakenError("EAPI:Invalid key")
    digest = hashlib.sha256((nonce + body).encode()).digest()
    signed = request.path.removeprefix(BASE).encode() + digest
    # The key in use is the decoded secret, so the simulator's secret text is its base64 form for a client.
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha512).digest()).decode()
    if not hmac.compare_digest(expected, request.headers.get("API-Sign", "")):
        raise KrakenError("EAPI:Invalid signature")
    if not nonces.accept(key, nonce):
        raise KrakenError("EAPI:Invalid nonce")
    account = core.enter(key, right)
    if account is None:
        raise KrakenError("EGeneral:Permission denied")
    return account
