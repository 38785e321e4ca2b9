"""Comparing customers with lists of names, before they are served and again with every new list.

Comparing takes time that no transaction should last, so it happens before (`compare`), and the result is written with the versions of the
lists it was made with (`keep`). A name that a person told apart from an entry stays told apart from that entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Screening
from identity.principals import queries as principals
from identity.screening import queries, rules
from identity.screening.errors import ScreeningClosed
from identity.screening.events import ScreeningDecided, ScreeningHit
from identity.screening.queries import ListRow
from identity.screening.rules import Book, Hit
from identity.screening.states import Finding, ScreeningState
from kernel import commands, outbox
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx, read_only, transaction
from kernel.errors import Forbidden, NotFound
from kernel.ids import uuid7

__all__ = ["Compared", "Person"]

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's name, and the year of their birth where it is known."""

    name: str
    born: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A result that is not written yet; without any list it says nothing."""

    lists: Sequence[ListRow]
    hits: Sequence[Hit]


@lru_cache(maxsize=16)
def _book(tenant: UUID, row: ListRow) -> Book:
    """A version of a list never changes, so a process reads it once."""
    with read_only(tenant=tenant) as tx:
        return Book.of(row.name, row.version, queries.entries(tx, row.id))


def compare(tenant: UUID, person: Person) -> Compared:
    """Against every current list. Opens its own transactions."""
    with read_only(tenant=tenant) as tx:
        lists = queries.current(tx)
    found = [hit for row in lists for hit in rules.hits(_book(tenant, row), person.name, person.born)]
    return Compared(lists, found)


def keep(tx: Tx, customer: UUID, compared: Compared) -> ScreeningState | None:
    """Write the result down, and what it means for the customer; None where there is no list. Step.

    Who is confirmed stays so: a new list does not make somebody another person.
    """
    standing = eligibility.standing(tx, customer)
    if not compared.lists or (standing is not None and standing.screening is Screening.CONFIRMED):
        return None
    apart = queries.told_apart(tx, customer)
    hits = [hit for hit in compared.hits if (hit.list, hit.ref) not in apart]
    state = ScreeningState.REVIEW if hits else ScreeningState.CLEAR
    queries.supersede(tx, customer)
    screening_id = uuid7()
    queries.insert(tx, screening_id=screening_id, customer=customer, state=state, lists=compared.lists, hits=hits)
    eligibility.mark(tx, customer, Screening(state.value))
    if hits:
        outbox.publish(tx, ScreeningHit(screening_id, customer, len(hits)), key=str(customer))
    return state


def names(tx: Tx, texts: Collection[str]) -> bool:
    """Whether a current list names one of these, letter by letter: for what is no person's name, as an address of a chain. Step."""
    return queries.names_any(tx, texts)


def latest(tx: Tx, customer: UUID) -> AnyRow | None:
    """The newest result that counts."""
    return queries.latest(tx, customer)


def decide(*, tenant: UUID, by: UUID, screening_id: UUID, finding: Finding, reason: str, key: str | None) -> Outcome:
    """A person says whether it is them.

    Raises:
        NotFound, ScreeningClosed
        Forbidden: of the customer's own accounts.
    """
    to = ScreeningState.CLEARED if finding is Finding.CLEAR else ScreeningState.CONFIRMED

    def fn(tx: Tx) -> tuple[str, UUID]:
        row = queries.get(tx, screening_id, lock=True)
        if row is None:
            raise NotFound
        if by in principals.accounts_of_person(tx, row.customer_id):
            raise Forbidden("nobody decides about themselves")
        if not queries.decide(tx, screening_id, to, by=by, reason=reason):
            raise ScreeningClosed(state=row.state)
        eligibility.mark(tx, row.customer_id, Screening.CLEAR if finding is Finding.CLEAR else Screening.CONFIRMED)
        outbox.publish(tx, ScreeningDecided(screening_id, row.customer_id, to.value, by), key=str(row.customer_id))
        audit.about(tx, before={"state": row.state}, after={"state": to.value}, became=to.value, reason=reason)
        return "screening", screening_id

    body = {"id": screening_id, "finding": finding, "reason": reason}
    return commands.run(
        tenant=tenant, principal=by, route="POST /v1/screenings/{id}/decision", key=key,
        fingerprint=commands.fingerprint(body), fn=fn,
    )  # fmt: skip


def read(tenant: UUID, screening_id: UUID) -> AnyRow:
    with read_only(tenant=tenant) as tx:
        row = queries.get(tx, screening_id)
    if row is None:
        raise NotFound
    return row


def page(tenant: UUID, *, state: ScreeningState | None, before: UUID | None, limit: int) -> list[AnyRow]:
    """Newest first."""
    with read_only(tenant=tenant) as tx:
        return queries.page(tx, state=state, before=before, limit=limit)


def import_list(tenant: UUID, *, name: str, version: str | None, body: bytes) -> tuple[str, int] | None:
    """Make this file the current version of its list: (version, entries), or None where it is that already. For the engine's role.

    Raises:
        ListInvalid: it cannot be read; the list stays as it was.
    """
    digest = hashlib.sha256(body).digest()
    entries = rules.read(rules.decoded(body))
    chosen = version or digest.hex()[:12]
    with transaction(tenant=tenant) as tx:
        if queries.is_current(tx, name, digest):
            return None
        before = queries.retire(tx, name)
        list_id = uuid7()
        queries.insert_list(tx, list_id=list_id, name=name, version=chosen, sha256=digest, entries=len(entries))
        for start in range(0, len(entries), _AT_ONCE):
            queries.insert_entries(tx, list_id, entries[start : start + _AT_ONCE])
        audit.record(
            tx, "screening_list.imported", kind="screening_list", resource=name, after={"sha256": digest.hex()},
            version=chosen, entries=len(entries), before={"version": before},
        )  # fmt: skip
    return chosen, len(entries)
