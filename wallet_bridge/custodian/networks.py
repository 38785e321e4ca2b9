"""The networks a custodian serves, from one JSON file: what each is, where its node answers, and which assets count on it.

A token counts only by the address of its contract; a token that merely has the name of one is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from wallet_bridge.custodian.chains.scripts import address_of
from wallet_bridge.custodian.cold.wallet import ColdWallet
from wallet_bridge.custodian.errors import NetworkUnknown


class Asset(BaseModel):
    """`contract` of a token, None for the network's own coin."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    decimals: Annotated[int, Field(ge=0, le=30)]
    contract: str | None = None


class Utxo(BaseModel):
    """A chain of outputs, spoken to as Bitcoin Core.

    The prefixes are of its addresses. `coin` is its number of SLIP 44: no two chains share keys. Fees are for a thousand virtual bytes.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    coin: Annotated[int, Field(ge=0, lt=2**31)]
    hrp: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    p2pkh: Annotated[int, Field(ge=0, le=255)]
    p2sh: Annotated[int, Field(ge=0, le=255)]
    cookie: Path | None = None  # the node's own file of user and password, where `rpc` names none
    dust: Annotated[Decimal, Field(gt=0)] = Decimal("0.0000546")  # nodes pass on no smaller output
    fee_blocks: Annotated[int, Field(ge=1, le=1008)] = 6  # within how many blocks a payment is wanted
    fee_floor: Annotated[Decimal, Field(gt=0)] = Decimal("0.00001")
    fee_ceiling: Annotated[Decimal, Field(gt=0)] = Decimal("0.005")
    most_inputs: Annotated[int, Field(ge=1, le=500)] = 100
    cold: str | None = None  # the descriptor of the cold wallet, where its holders sign what we draft

    @field_validator("cold")
    @classmethod
    def _cold(cls, given: str | None) -> str | None:
        if given is not None:
            ColdWallet(given)
        return given


class Network(BaseModel):
    """`confirmations` is when the custodian calls a block final; `rpc` may carry user and password. `cold`: the cold wallet's address."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["evm", "utxo"]
    rpc: str
    native: str
    assets: dict[str, Asset]
    confirmations: Annotated[int, Field(ge=1, le=10_000)]
    chain_id: int | None = None
    utxo: Utxo | None = None
    first_block: Annotated[int, Field(ge=0)] = 0
    cold: str | None = None
    poll_s: Annotated[float, Field(gt=0)] = 1.0
    bump_after_s: Annotated[int, Field(ge=1)] = 600

    @model_validator(mode="after")
    def _whole(self) -> Network:
        if self.native not in self.assets or self.assets[self.native].contract is not None:
            raise ValueError("the network's own coin is one of its assets, and has no contract")
        if (self.chain_id is None) is (self.kind == "evm"):
            raise ValueError("`chain_id` is of networks of the kind evm, of each of them")
        if (self.utxo is None) is (self.kind == "utxo"):
            raise ValueError("`utxo` is of networks of the kind utxo, of each of them")
        if self.utxo is not None and self.utxo.cold is not None:
            address = address_of(self.utxo, ColdWallet(self.utxo.cold).script.data)
            if self.cold != address:
                raise ValueError(f"`cold` must be the first address of the descriptor in `utxo.cold`: {address}")
        if self.utxo is not None and len(self.assets) != 1:
            raise ValueError("a network of the kind utxo has one asset, its own coin")
        return self

    @property
    def root(self) -> str:
        """Where its keys begin: BIP 44 for accounts, BIP 84 for outputs."""
        return "44h/60h" if self.utxo is None else f"84h/{self.utxo.coin}h"

    @property
    def smallest(self) -> Decimal:
        """Less than that cannot be paid."""
        return Decimal(0) if self.utxo is None else self.utxo.dust

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
