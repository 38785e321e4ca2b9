"""The networks a custodian serves, from one JSON file: what each is, where its node answers, and which assets count on it.

A token counts only by the address of its contract; a token that merely has the name of one is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from wallet_bridge.custodian.errors import NetworkUnknown


class Asset(BaseModel):
    """`contract` of a token, None for the network's own coin."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    decimals: Annotated[int, Field(ge=0, le=30)]
    contract: str | None = None


class Network(BaseModel):
    """`confirmations` is when the custodian calls a block final; `rpc` may carry user and password. `cold`: the cold wallet's address."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["evm"]
    rpc: str
    native: str
    assets: dict[str, Asset]
    confirmations: Annotated[int, Field(ge=1, le=10_000)]
    chain_id: int
    first_block: Annotated[int, Field(ge=0)] = 0
    cold: str | None = None
    poll_s: Annotated[float, Field(gt=0)] = 1.0
    bump_after_s: Annotated[int, Field(ge=1)] = 600

    @model_validator(mode="after")
    def _whole(self) -> Network:
        if self.native not in self.assets or self.assets[self.native].contract is not None:
            raise ValueError("the network's own coin is one of its assets, and has no contract")
        return self

    def asset(self, name: str) -> Asset:
        """Raises: NetworkUnknown."""
        found = self.assets.get(name)
        if found is None:
            raise NetworkUnknown(f"{name} is not kept on this network")
        return found


Networks = Mapping[str, Network]
_FILE = TypeAdapter(dict[str, Network])


def read(file: Path) -> Networks:
    """Raises: ValidationError, with the field that is wrong."""
    return _FILE.validate_json(file.read_bytes())
