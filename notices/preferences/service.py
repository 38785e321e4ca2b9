"""Use cases of preferences. Whoever has chosen nothing reads English and is told by the defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from identity.audit import service as audit
from kernel.db import Tx, read_only, transaction
from notices.preferences import queries
from notices.preferences.errors import SecurityNoticesStay
from notices.preferences.queries import DEFAULT, Preferences
from notices.states import LETTERS, SECURITY, Channel, Kind, Language, wanted_by_default

__all__ = ["Preferences", "begin", "change", "of", "read"]


def read(*, tenant: UUID, principal: UUID) -> Preferences:
    with read_only(tenant=tenant) as tx:
        return of(tx, [principal])[principal]


def of(tx: Tx, principals: Sequence[UUID]) -> dict[UUID, Preferences]:
    """Of each of these people. Step."""
    chosen = queries.of(tx, principals)
    return {principal: chosen.get(principal, DEFAULT) for principal in principals}


def begin(tx: Tx, principal: UUID, language: Language) -> None:
    """Somebody new reads this language. Step of the engine."""
    if language is not DEFAULT.language:
        queries.put(tx, principal, Preferences(language, {}))


def change(
    *, tenant: UUID, principal: UUID, language: Language, wishes: Mapping[Kind, Mapping[Channel, bool]]
) -> Preferences:
    """Replace all of somebody's preferences; what `wishes` does not name goes back to its default.

    Raises:
        SecurityNoticesStay: a wish switches off what tells of a thief.
    """
    if any(not wanted for kind in (SECURITY | LETTERS) & wishes.keys() for wanted in wishes[kind].values()):
        raise SecurityNoticesStay
    choices: queries.Choices = {}
    for kind, channels in wishes.items():
        if kind in LETTERS:
            continue  # these are no matter of choice
        for channel, wanted in channels.items():
            if wanted is not wanted_by_default(kind, channel):
                choices.setdefault(kind.value, {})[channel.value] = wanted
    preferences = Preferences(language, choices)
    with transaction(tenant=tenant) as tx:
        before = of(tx, [principal])[principal]
        queries.put(tx, principal, preferences)
        audit.record(
            tx, "notice_preferences.set", kind="principal", resource=principal, before=_state(before), after=_state(preferences)
        )  # fmt: skip
    return preferences


def _state(preferences: Preferences) -> audit.State:
    return {"language": preferences.language.value, "choices": preferences.choices}
