"""Where the provider is, and how it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """What the operator configured; `issuer` is compared letter by letter with what tokens say."""

    issuer: str
    client_id: str
    client_secret: str
