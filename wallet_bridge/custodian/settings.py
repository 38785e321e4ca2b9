"""What the custodian needs to start, from the environment (`RIVERMOUTH_CUSTODIAN_*`)."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from kernel import crypto
from wallet_bridge.custodian import networks
from wallet_bridge.custodian.networks import Networks

_PREFIX = "RIVERMOUTH_CUSTODIAN_"
SEED_BYTES = 32


class SettingsUnfit(Exception):
    """The custodian cannot start with these settings; the text is one sentence and repeats none of their values."""


class Settings(BaseSettings):
    """Every field is one environment variable, e.g. `RIVERMOUTH_CUSTODIAN_NETWORKS`."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=_PREFIX, extra="ignore", hide_input_in_errors=True
    )

    database_url: str = Field(description="PostgreSQL of the custodian alone, by a role that owns the database.")
    networks: Path = Field(description="JSON file of the networks that are served.")
    seed: SecretStr = Field(description="Base64 of the 32 bytes that every key is derived from.")
    signing_key: SecretStr = Field(description="`id:base64 of 32 bytes`: what the custodian signs its messages with.")
    clients: str = Field(description="Public keys of the bridges, `id:base64 of 32 bytes`, separated by commas.")
    hook_url: str | None = Field(
        default=None, description="Where to tell of new events. Unset: the bridge reads by itself."
    )
    name: str = Field(default="custodian", description="The name that messages to it are signed for.")
    bridge_name: str = Field(default="bridge", description="The name that messages to the bridge are signed for.")

    @field_validator("database_url")
    @classmethod
    def _address(cls, given: str) -> str:
        try:
            backend = make_url(given).get_backend_name()
        except (ArgumentError, ValueError):
            backend = ""
        if backend not in {"postgresql", "postgres"}:
            raise ValueError("must be the address of a PostgreSQL database")
        return given

    @field_validator("seed")
    @classmethod
    def _seed(cls, given: SecretStr) -> SecretStr:
        try:
            size = len(base64.b64decode(given.get_secret_value(), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if size != SEED_BYTES:
            raise ValueError(f"must be the base64 of {SEED_BYTES} bytes")
        return given

    @field_validator("signing_key")
    @classmethod
    def _signing_key(cls, given: SecretStr) -> SecretStr:
        _require_keys(given.get_secret_value())
        return given

    @field_validator("clients")
    @classmethod
    def _clients(cls, given: str) -> str:
        _require_keys(given)
        return given


def _require_keys(text: str) -> None:
    try:
        crypto.read_keys(text)
    except crypto.MasterKeysMalformed:
        raise ValueError("must be `id:base64 of 32 bytes`, separated by commas") from None


def read() -> tuple[Settings, Networks]:
    """Of this process's environment, with the file that they name.

    Raises:
        SettingsUnfit
    """
    try:
        found = Settings()  # type: ignore[call-arg]  # the environment has them
    except ValidationError as error:
        wrong = [f"{_PREFIX}{str(one['loc'][0]).upper()} {_why(one['type'], one['msg'])}" for one in error.errors()]
        raise SettingsUnfit("; ".join(wrong) + ".") from None
    try:
        return found, networks.read(found.networks)
    except OSError as error:
        raise SettingsUnfit(f"{_PREFIX}NETWORKS: {found.networks} cannot be read ({error.strerror}).") from None
    except ValidationError as error:
        one = error.errors(include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in one["loc"]) or "the file"
        raise SettingsUnfit(f"{_PREFIX}NETWORKS: {found.networks}: {place}: {_why(one['type'], one['msg'])}.") from None


def _why(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else message.removeprefix("Value error, ")
