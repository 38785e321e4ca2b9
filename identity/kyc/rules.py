"""Pure: which papers a level takes, and what we can see for ourselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from identity.eligibility.states import Level
from identity.kyc.states import DocumentKind

_D = DocumentKind
_PICTURE = frozenset({_D.PASSPORT, _D.IDENTITY_CARD, _D.DRIVING_LICENCE})
REQUIRED: dict[Level, tuple[frozenset[DocumentKind], ...]] = {
    Level.IDENTIFIED: (_PICTURE,),
    Level.VERIFIED: (_PICTURE, frozenset({_D.PROOF_OF_ADDRESS}), frozenset({_D.SELFIE})),
}
"""For each level: of each set at least one."""

OF_AGE = 18
OLDEST = 120


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who somebody says they are."""

    full_name: str
    birth_date: date
    country: str


def missing(level: Level, kinds: Iterable[DocumentKind]) -> list[list[str]]:
    """What has to be added: each with the kinds that will do."""
    sent = frozenset(kinds)
    return [sorted(wanted) for wanted in REQUIRED[level] if not wanted & sent]


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def findings(applicant: Applicant, *, known_country: str | None, today: date) -> list[str]:
    """What a reviewer should know; none of it decides anything."""
    years = age(applicant.birth_date, today)
    found = [] if OF_AGE <= years <= OLDEST else ["age_implausible" if not 0 <= years <= OLDEST else "under_age"]
    if known_country is not None and known_country != applicant.country:
        found.append("country_changed")
    return found
