"""Shapes of the routes of preferences."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from notices.states import Channel, Kind, Language


class KindOut(BaseModel):
    """One kind of notice, and where it is told; `security` kinds stay on everywhere."""

    kind: Kind
    security: bool
    channels: dict[Channel, bool]


class PreferencesOut(BaseModel):
    language: Language
    kinds: list[KindOut]


class PreferencesIn(BaseModel):
    """All preferences anew; kinds and channels that are not named go back to their defaults."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    language: Language
    kinds: dict[Kind, dict[Channel, bool]] = {}
