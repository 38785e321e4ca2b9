"""Shapes of the routes of tenants."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from identity.tenants.rules import MOST_APR
from identity.tenants.states import ChangeState, Custody, Limit, Product
from kernel.money import DecimalString

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Logo = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Colour = Annotated[
    str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#4cc2d6"]), AfterValidator(lambda colour: colour.lower())
]
Hours = Annotated[int, Field(ge=0, le=720)]


def _not_negative(amount: Decimal) -> Decimal:
    if amount < 0:
        raise ValueError("a limit is not negative")
    return amount


Amount = Annotated[DecimalString, AfterValidator(_not_negative)]


def _a_rate(apr: Decimal) -> Decimal:
    if not 0 <= apr <= MOST_APR:
        raise ValueError("a yearly fraction from 0 to 1")
    return apr


Apr = Annotated[DecimalString, AfterValidator(_a_rate)]


class Theme(BaseModel):
    """How the console looks; null is the look of the house. One accent for the dark page, one for the light."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    logo_text: Logo | None
    accent_dark: Colour | None
    accent_light: Colour | None


class TenantPublic(BaseModel):
    """What everybody may know of a house, before logging in."""

    id: UUID
    name: str
    theme: Theme
    products: list[Product]
    registration_open: bool


class TenantOut(TenantPublic):
    """A house for its own staff. `hosts` are given by the operator of the deployment."""

    version: int
    origins: list[str]
    hosts: list[str]
    changed_at: datetime


class TenantChange(BaseModel):
    """What is not named stays."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Name | None = None
    theme: Theme | None = None
    products: Annotated[list[Product], Field(max_length=8)] | None = None
    registration_open: bool | None = None
    origins: Annotated[list[Annotated[str, Field(max_length=255)]], Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set or any(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("name at least one setting, and none as null")
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The columns that change."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"theme", "origins", "products"}}
        if self.theme is not None:
            given |= self.theme.model_dump()
        if self.products is not None:
            given["products"] = frozenset(self.products)
        return given


class PolicyFields(BaseModel):
    """What keeps money in. Amounts are in USDT; where a limit is missing, nothing leaves without a person.

    `highest_apr`: what a template of earn may promise at most, a yearly fraction.
    """

    custody: Custody
    whitelist_delay_h: int
    change_delay_h: int
    limits: dict[Limit, DecimalString]
    highest_apr: DecimalString


class ChangeOut(BaseModel):
    """A wish to loosen the policy: decided as the approval `approval_id`, in force from `effective_at` on."""

    id: UUID
    state: ChangeState
    before: PolicyFields
    after: PolicyFields
    loosens: list[str]
    delay_h: int
    approval_id: UUID
    asked_by: UUID
    approved_by: UUID | None
    asked_at: datetime
    effective_at: datetime | None
    ended_at: datetime | None
    reason: str | None


class PolicyOut(BaseModel):
    """The policy in force, and the change that waits, if one does."""

    version: int
    policy: PolicyFields
    waiting: ChangeOut | None


class PolicyChange(BaseModel):
    """What is not named stays; a limit of null is taken away, so that a person looks at everything."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    custody: Custody | None = None
    whitelist_delay_h: Hours | None = None
    change_delay_h: Annotated[int, Field(ge=1, le=720)] | None = None
    limits: dict[Limit, Amount | None] | None = None
    highest_apr: Apr | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set or any(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("name at least one field, and none as null")
        return self
