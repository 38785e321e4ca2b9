"""Statements on preferences; all run inside one tenant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel.db import Tx
from notices.states import Channel, Kind, Language, wanted_by_default

Choices = dict[str, dict[str, bool]]


@dataclass(frozen=True, slots=True)
class Preferences:
    """`choices` holds only what differs from the defaults."""

    language: Language
    choices: Choices

    def wants(self, kind: Kind, channel: Channel) -> bool:
        return self.choices.get(kind, {}).get(channel, wanted_by_default(kind, channel))


DEFAULT = Preferences(Language.EN, {})


def of(tx: Tx, principals: Sequence[UUID]) -> dict[UUID, Preferences]:
    """Of those who have chosen anything."""
    rows = tx.all(
        "SELECT principal_id, language, choices FROM notices.preferences"
        " WHERE tenant_id = :tenant AND principal_id = ANY(CAST(:principals AS uuid[]))",
        tenant=tx.tenant_id,
        principals=list(principals),
    )
    return {row.principal_id: Preferences(Language(row.language), row.choices) for row in rows}


def put(tx: Tx, principal: UUID, preferences: Preferences) -> None:
    tx.execute(
        "INSERT INTO notices.preferences (tenant_id, principal_id, language, choices)"
        " VALUES (:tenant, :principal, :language, CAST(:choices AS jsonb))"
        " ON CONFLICT (principal_id) DO UPDATE SET language = excluded.language, choices = excluded.choices",
        tenant=tx.tenant_id,
        principal=principal,
        language=preferences.language.value,
        choices=json.dumps(preferences.choices),
    )
