"""What a process needs to start, from the environment (`RIVERMOUTH_*`). Business parameters are tables, not settings."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

HOUSE_TENANT = UUID("01900000-0000-7000-8000-000000000001")


class Mode(StrEnum):
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every field is one environment variable, e.g. `RIVERMOUTH_DATABASE_URL`."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="RIVERMOUTH_", extra="ignore")

    mode: Mode = Field(default=Mode.PRODUCTION, description="`sandbox` adds the simulator and the sandbox routes.")
    data_dir: Path = Field(default=Path(".rivermouth"), description="Where embedded servers, logs and run files live.")
    export_dir: Path | None = Field(
        default=None,
        description="Where exports of the ledger lie; API and worker share it. Unset: `exports` in the data directory.",
    )
    http_port: int | None = Field(
        default=None, description="Port of the API; a busy one is an error. Unset: 8000 or the next free."
    )
    database_url: str | None = Field(default=None, description="PostgreSQL of this process's role; unset: embedded.")
    redis_url: str | None = Field(default=None, description="Valkey or Redis; unset: embedded.")
    recordings: Path | None = Field(
        default=None, description="Folder of recorded market data; unset: a seeded generator."
    )
    simulator_url: str | None = Field(default=None, description="Base address of the venue simulator (sandbox).")
    database_pool_size: int = Field(default=20, description="Connections per process.")
    resolver_scale: float = Field(
        default=1.0, description="Factor on every waiting time of the resolver; tests shorten it."
    )
    outcome_wait_s: float = Field(
        default=3.0, description="How long an order request waits for its outcome before 202."
    )
    stop_ticks: int = Field(
        default=1, description="How many changed prices in a row must reach a stop before it starts."
    )
    lane_poll_s: float = Field(default=0.05, description="How often a lane looks for work when nobody wakes it.")
    fold_interval_s: float = Field(default=0.1, description="Pause between two folds of the ledger.")
    fold_alarm_s: float = Field(default=5.0, description="How old an entry may get before the fold's lag is an alarm.")
    lease_ttl_s: float = Field(default=5.0, description="Life of an ownership lease that is not renewed.")
    venue_timeout_s: float = Field(default=5.0, description="How long a venue may take to answer.")
    venue_poll_s: float = Field(default=1.0, description="Interval of polled venue books.")
    house_tenant: UUID = Field(default=HOUSE_TENANT, description="The tenant that our venue accounts belong to.")
    venues: str = Field(default="binance,bitfinex,kraken,okx", description="Venues in use, by name.")
    metrics_port: int | None = Field(
        default=None, description="Port on 127.0.0.1 where the engine shows its metrics; unset: nowhere."
    )
    master_keys: SecretStr | None = Field(
        default=None,
        description="`id:base64 of 32 bytes`, separated by commas; the first seals secrets, all open them. A sandbox makes its own.",
    )
    public_url: str | None = Field(
        default=None,
        description="Where browsers reach us, e.g. `https://trade.example`: passkeys are bound to it. Unset in a sandbox: the page's own.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed, separated by commas. Unset: nobody's.",
    )
    rate_limits: str = Field(
        default="",
        description="Other limits than the usual ones, `class=number/unit` or `class=off`, separated by commas: `writes=600/minute`.",
    )
    streams_per_address: int = Field(default=200, description="Websockets that one address may have open at a time.")
    cors_origins: str = Field(
        default="",
        description="Origins whose pages may call this API, e.g. `https://desk.example`, separated by commas. Unset: none.",
    )
    audit_keys: SecretStr | None = Field(
        default=None,
        description="Ed25519 keys of the engine, `id:base64 of 32 bytes,…`: the first signs the audit. A sandbox makes one.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="Where mails go out: `smtps://`, `smtp+starttls://` or `smtp://`, then `user:password@host:port`. Unset: no mails.",
    )
    mail_from: str = Field(
        default="Rivermouth <rivermouth@localhost>", description="The sender of every mail, `Name <address>`."
    )
    webhook_private_targets: str = Field(
        default="",
        description="Sandbox only: private `address:port` that webhooks may go to, separated by commas; by default none.",
    )
    links_url: str | None = Field(
        default=None,
        description="Where links in mails lead. Unset: RIVERMOUTH_PUBLIC_URL; without either no mail has a link.",
    )
    registration_open: bool = Field(
        default=True, description="Whether people may register themselves; it needs mails with links."
    )
    registration_tenant: UUID | None = Field(
        default=None, description="The tenant of who registers. Unset: RIVERMOUTH_HOUSE_TENANT."
    )
    second_factor_roles: str = Field(
        default="", description="Roles that may do nothing until they have enrolled a second factor, by name."
    )
    oidc_issuer: str | None = Field(
        default=None, description="The provider at which staff may log in, as its tokens spell it. Unset: nowhere else."
    )
    oidc_client_id: str | None = Field(default=None, description="How the provider knows us.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="What we prove ourselves to the provider with."
    )
    chain_url: str | None = Field(
        default=None, description="Sandbox only: the node of the demo's own chain, for the routes that play with it."
    )
    output_chain_url: str | None = Field(
        default=None,
        description="Sandbox only: the node of the demo's own chain of outputs, with its user and password.",
    )
    custodian_url: str | None = Field(
        default=None, description="Where the custodian answers. Unset: nothing is deposited or withdrawn on a chain."
    )
    custodian_public_keys: str | None = Field(
        default=None,
        description="Public keys of the custodian, `id:base64 of 32 bytes,…`: its hints are believed by them.",
    )
    bridge_signing_key: SecretStr | None = Field(
        default=None, description="`id:base64 of 32 bytes`: what we sign our requests to the custodian with."
    )
    custodian_name: str = Field(
        default="custodian", description="The name that messages to the custodian are signed for."
    )
    bridge_name: str = Field(
        default="bridge", description="The name that the custodian's messages to us are signed for."
    )
    staff_idle_s: int = Field(
        default=1800, ge=0, description="After how many seconds without a touch the console logs staff out; 0: never."
    )
    failpoint: str | None = Field(
        default=None, description="Sandbox only: the named place where the process kills itself."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @property
    def exports(self) -> Path:
        return self.export_dir or self.data_dir / "exports"

    @property
    def page_url(self) -> str | None:
        """Where links in mails lead; None when nobody said so: a request's own Host may be a thief's."""
        return self.links_url or self.public_url

    @property
    def staff_provider(self) -> bool:
        """Whether staff may log in at a provider: it is named whole, and we know the address to which it sends them back."""
        named = bool(self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret is not None)
        return named and (self.public_url is not None or self.sandbox)

    @property
    def roles_with_second_factor(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.second_factor_roles.split(",") if name.strip())

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.cors_origins.split(",") if name.strip())

    @property
    def private_webhook_targets(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.webhook_private_targets.split(",") if name.strip())

    @property
    def sandbox(self) -> bool:
        return self.mode is Mode.SANDBOX


@cache
def settings() -> Settings:
    return Settings()
