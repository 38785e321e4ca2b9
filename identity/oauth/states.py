"""The words of OAuth: by what a program gets a token, and what becomes of a connection and of a device that asks."""

from __future__ import annotations

from enum import StrEnum

from identity.api_keys.states import Scope
from kernel.states import States

PROGRAM_SCOPES = (Scope.READ, Scope.TRADE)
"""What a program of others may ever be allowed; money it never moves out."""


class Grant(StrEnum):
    """Spelled as the standards spell them."""

    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105  the name of a grant, no secret
    CLIENT_CREDENTIALS = "client_credentials"
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  the name of a grant, no secret


class ConnectionState(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    ENDED = "ended"


class DeviceState(StrEnum):
    PENDING = "pending"
    ALLOWED = "allowed"
    REFUSED = "refused"
    USED = "used"


CONNECTION = States(
    "connection",
    ConnectionState,
    initial={ConnectionState.PROPOSED, ConnectionState.AGREED},
    moves={
        ConnectionState.PROPOSED: {ConnectionState.AGREED, ConnectionState.ENDED},
        ConnectionState.AGREED: {ConnectionState.ENDED},
        ConnectionState.ENDED: set(),
    },
)
DEVICE = States(
    "device",
    DeviceState,
    initial={DeviceState.PENDING},
    moves={
        DeviceState.PENDING: {DeviceState.ALLOWED, DeviceState.REFUSED},
        DeviceState.ALLOWED: {DeviceState.USED},
        DeviceState.REFUSED: set(),
        DeviceState.USED: set(),
    },
)
