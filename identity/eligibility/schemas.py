"""Rules of countries on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from identity.eligibility.codes import COUNTRIES
from identity.eligibility.states import Action, Product, RuleState, Ruling
from kernel.clock import Moment


def _is_one(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError("no country of ISO 3166-1 has this code")
    return code


Country = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two letters.", examples=["SG"]),
    AfterValidator(_is_one),
]
Everywhere = Literal["*"]


class RuleIn(BaseModel):
    """What a country means for a product; `*` is all of them. Without `valid_from` it counts from now on."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    country: Country | Everywhere
    product: Product | Everywhere
    action: Action | Everywhere = "*"
    verdict: Ruling
    note: Annotated[
        str, Field(min_length=1, max_length=500, pattern=r"\S", description="Why; for whoever reads it later.")
    ]
    valid_from: Moment | None = None
    valid_until: Moment | None = None


class RuleOut(BaseModel):
    """`proposed`: it allows something and waits for a second person."""

    id: UUID
    country: str
    product: str
    action: str
    verdict: Ruling
    note: str
    actor: UUID
    created_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    state: RuleState
