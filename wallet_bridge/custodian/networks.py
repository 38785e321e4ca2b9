"""The networks a custodian serves, from one JSON file: what each is, where its node answers, and which assets count on it.

A token counts only by the address of its contract; a token that merely has the name of one is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from kernel.money import DecimalString, fits_scale
from wallet_bridge.custodian.chains.eth import is_address, is_checksum_address
from wallet_bridge.custodian.chains.scripts import address_of
from wallet_bridge.custodian.cold.wallet import ColdWallet
from wallet_bridge.custodian.errors import NetworkUnknown


class Bounds(BaseModel):
    """Of what a hot wallet should hold: below `min` it is told, above `max` what is over `target` goes to the cold wallet."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    min: Annotated[DecimalString, Field(ge=0)]
    target: DecimalString
    max: DecimalString

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if not self.min <= self.target <= self.max:
            raise ValueError("`min`, `target` and `max` of a float rise")
        return self


class Asset(BaseModel):
    """`contract` of a token, None for the network's own coin. `sweep_from`: a deposit address that holds that much is emptied."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    decimals: Annotated[int, Field(ge=0, le=30)]
    contract: str | None = None
    sweep_from: Annotated[DecimalString, Field(gt=0)] | None = None
    bounds: Annotated[Bounds | None, Field(alias="float")] = None

    @model_validator(mode="after")
    def _scaled(self) -> Asset:
        told = [] if self.bounds is None else [self.bounds.min, self.bounds.target, self.bounds.max]
        if not all(fits_scale(amount, self.decimals) for amount in [*told, self.sweep_from or Decimal(0)]):
            raise ValueError("amounts have no more decimals than their asset")
        return self


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


class SafeWallet(BaseModel):
    """The cold wallet is a Safe. What is named may stand beside its owners; what is not, may not."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    modules: tuple[str, ...] = ()
    guard: str | None = None
    fallback_handler: str | None = None

    @model_validator(mode="after")
    def _addresses(self) -> SafeWallet:
        if not all(is_address(one) for one in (*self.modules, self.guard, self.fallback_handler) if one is not None):
            raise ValueError("modules, guard and handler of a Safe are addresses")
        return self


class Network(BaseModel):
    """`confirmations` is when the custodian calls a block final; `rpc` may carry user and password. `cold`: the cold wallet's address.

    `sweep_fee_cap`: the most of the own coin that one transfer between our own wallets may cost.
    """

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
    safe: SafeWallet | None = None
    poll_s: Annotated[float, Field(gt=0)] = 1.0
    bump_after_s: Annotated[int, Field(ge=1)] = 600
    sweep_every_s: Annotated[float, Field(gt=0)] = 60.0
    sweep_fee_cap: Annotated[DecimalString, Field(gt=0)] | None = None

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
        if self.safe is not None and (self.kind != "evm" or not is_checksum_address(self.cold)):
            raise ValueError("`safe` is of networks of the kind evm, and `cold` its address with a checksum")
        if self.utxo is not None and len(self.assets) != 1:
            raise ValueError("a network of the kind utxo has one asset, its own coin")
        if self.utxo is not None and any(one.sweep_from for one in self.assets.values()):
            raise ValueError("`sweep_from` is of networks of the kind evm: elsewhere deposits are spent as they lie")
        if self.sweep_fee_cap is None and any(one.sweep_from or one.bounds for one in self.assets.values()):
            raise ValueError("`sweep_fee_cap` is missing: with `sweep_from` or `float` money is moved, and that costs")
        if self.sweep_fee_cap is not None and not fits_scale(self.sweep_fee_cap, self.assets[self.native].decimals):
            raise ValueError("`sweep_fee_cap` has more decimals than the network's own coin")
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
