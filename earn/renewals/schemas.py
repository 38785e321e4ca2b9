"""The choice for the maturity on the wire."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from earn.templates.states import Renewal


class RenewalIn(BaseModel):
    """One of the choices of the offer, as its `renewals` name them."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    renewal: Renewal
