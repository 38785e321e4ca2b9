"""What the custodian needs to start, from the environment (`RIVERMOUTH_CUSTODIAN_*`)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every field is one environment variable, e.g. `RIVERMOUTH_CUSTODIAN_NETWORKS`."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="RIVERMOUTH_CUSTODIAN_", extra="ignore")

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
