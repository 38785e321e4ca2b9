"""The one shape of the gateway that is ours to describe; all others are Binance's, in its documentation."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class RefusalOut(BaseModel):
    """A refusal in Binance's words; `data` says more about a cancel-replace that was done by half."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    code: int
    msg: str
    data: Any = None
