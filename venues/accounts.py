"""Our accounts at the venues, from the environment: keys and, where they are given, other addresses than the venue's own.

In a sandbox without keys the accounts are those of the simulator. With real keys and no address the same code trades the real
venue. `RIVERMOUTH_VENUE_BINANCE_KEY`, `…_SECRET`, `…_PASSWORD` (OKX), `…_REST_URL`, `…_WS_URL`; likewise for the other venues. The key that
may withdraw is another one (`…_WITHDRAW_KEY`, `…_WITHDRAW_SECRET`, `…_WITHDRAW_PASSWORD`); a venue without one is not paid out of.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from typing import ClassVar
from uuid import UUID

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.errors import InvalidRequest
from kernel.settings import settings

VENUES = ("binance", "bitfinex", "kraken", "okx")


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccount:
    """One key at one venue; it belongs to one tenant. Secrets stay out of every text that may be logged."""

    venue: str
    label: str
    tenant_id: UUID | None
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    base_url: str | None = None
    ws_url: str | None = None
    withdraws: bool = False

    @property
    def simulated(self) -> bool:
        """Another address than the venue's own: its rate limits are not ours to keep."""
        return self.base_url is not None

    @property
    def fingerprint(self) -> str:
        """Names the key in shared places without showing it."""
        return hashlib.sha256(self.api_key.encode()).hexdigest()[:12]


class VenueSettings(BaseSettings):
    """Keys and addresses of one venue."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(extra="ignore")

    key: SecretStr | None = None
    secret: SecretStr | None = None
    password: SecretStr | None = None
    withdraw_key: SecretStr | None = None
    withdraw_secret: SecretStr | None = None
    withdraw_password: SecretStr | None = None
    rest_url: str | None = None
    ws_url: str | None = None


def configured_venues() -> tuple[str, ...]:
    """The venues in use, in the order of the setting.

    Raises:
        InvalidRequest: the setting names a venue that the product does not know.
    """
    names = tuple(name.strip() for name in settings().venues.split(",") if name.strip())
    unknown = set(names) - set(VENUES)
    if unknown:
        raise InvalidRequest(f"RIVERMOUTH_VENUES names {', '.join(sorted(unknown))}; known are {', '.join(VENUES)}")
    return names


def account(venue: str, *, tenant_id: UUID | None = None, label: str = "main") -> VenueAccount:
    """The account of one venue.

    Raises:
        InvalidRequest: neither keys nor a simulator are configured.
    """
    own = VenueSettings(_env_prefix=f"RIVERMOUTH_VENUE_{venue.upper()}_")  # type: ignore[call-arg]  # of pydantic-settings
    if own.key is not None and own.secret is not None:
        return VenueAccount(
            venue=venue,
            label=label,
            tenant_id=tenant_id,
            api_key=own.key.get_secret_value(),
            secret=own.secret.get_secret_value(),
            password=own.password.get_secret_value() if own.password else None,
            base_url=own.rest_url,
            ws_url=own.ws_url,
        )
    simulator = settings().simulator_url
    if settings().sandbox and simulator:
        return simulated_account(venue, simulator, tenant_id=tenant_id, label=label)
    raise InvalidRequest(
        f"set RIVERMOUTH_VENUE_{venue.upper()}_KEY and …_SECRET, or RIVERMOUTH_SIMULATOR_URL in a sandbox"
    )


def withdraw_account(venue: str, *, tenant_id: UUID | None = None) -> VenueAccount | None:
    """The same account with the key that may withdraw; None where none was given.

    Raises:
        InvalidRequest: it is the key that trades.
    """
    own = VenueSettings(_env_prefix=f"RIVERMOUTH_VENUE_{venue.upper()}_")  # type: ignore[call-arg]  # of pydantic-settings
    if own.withdraw_key is not None and own.withdraw_secret is not None:
        if own.key is not None and own.key.get_secret_value() == own.withdraw_key.get_secret_value():
            raise InvalidRequest(f"RIVERMOUTH_VENUE_{venue.upper()}_WITHDRAW_KEY must not be the key that trades")
        return VenueAccount(
            venue=venue,
            label="withdraw",
            tenant_id=tenant_id,
            api_key=own.withdraw_key.get_secret_value(),
            secret=own.withdraw_secret.get_secret_value(),
            password=own.withdraw_password.get_secret_value() if own.withdraw_password else None,
            base_url=own.rest_url,
            ws_url=own.ws_url,
            withdraws=True,
        )
    simulator = settings().simulator_url
    if own.key is None and settings().sandbox and simulator:
        return simulated_withdraw_account(venue, simulator, tenant_id=tenant_id)
    return None


def simulated_withdraw_account(venue: str, simulator_url: str, *, tenant_id: UUID | None = None) -> VenueAccount:
    """The simulator's own account in the dialect of a venue, opened with the key that may withdraw."""
    trades = simulated_account(venue, simulator_url, tenant_id=tenant_id, label="withdraw")
    secret = f"sim-{venue}-withdraw-secret"
    return replace(
        trades,
        api_key=f"sim-{venue}-withdraw",
        secret=base64.b64encode(secret.encode()).decode() if venue == "kraken" else secret,
        withdraws=True,
    )


def accounts(*, tenant_id: UUID | None = None) -> tuple[VenueAccount, ...]:
    """One account for each venue in use."""
    return tuple(account(venue, tenant_id=tenant_id) for venue in configured_venues())


def simulated_account(
    venue: str, simulator_url: str, *, tenant_id: UUID | None = None, label: str = "main"
) -> VenueAccount:
    """The simulator's own account in the dialect of a venue."""
    base = f"{simulator_url.rstrip('/')}/{venue}"
    secret = f"sim-{venue}-secret"
    stream = {"binance": "/ws", "okx": "/ws/v5"}.get(venue)
    return VenueAccount(
        venue=venue,
        label=label,
        tenant_id=tenant_id,
        api_key=f"sim-{venue}-key",
        secret=base64.b64encode(secret.encode()).decode() if venue == "kraken" else secret,
        password="sim-pass" if venue == "okx" else None,
        base_url=base,
        ws_url="ws" + base.removeprefix("http") + stream if stream else None,
    )
