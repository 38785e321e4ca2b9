"""Pure: reading a list, and whose name is like whose.

Names are compared without accents, case, punctuation and order of words, by the library rapidfuzz. A hit is a reason for a person to look,
never a verdict; so the bar is low, and only an age that contradicts it lets a merely similar name pass.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from identity.screening.errors import ListInvalid

COLUMNS = ("ref", "name", "aliases", "born", "note")
SIMILAR = 85
SAME = 95
_MOST_HITS = 50
_MOST_NAMES = 50
_LONGEST = 300
_YEARS = range(1800, 2101)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on a list: all their names, and the year of their birth where it is known."""

    ref: str
    names: tuple[str, ...]
    born: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Book:
    """One version of a list, with its names as they are compared."""

    name: str
    version: str
    entries: Mapping[str, Entry]
    spelled: Mapping[tuple[str, int], str]  # (ref, which of its names) → the name as it is compared

    @classmethod
    def of(cls, name: str, version: str, entries: Iterable[Entry]) -> Book:
        by_ref = {entry.ref: entry for entry in entries}
        spelled = {(e.ref, n): plain(one) for e in by_ref.values() for n, one in enumerate(e.names)}
        return cls(name, version, by_ref, spelled)


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` of 100 is the same name."""

    list: str
    ref: str
    name: str
    score: int
    note: str


def plain(name: str) -> str:
    """One spelling of a name."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare.casefold()).split()
    return " ".join(sorted(words))


def hits(book: Book, name: str, born: int | None) -> list[Hit]:
    """Who on this list may be meant, most alike first, each once."""
    found = process.extract(plain(name), book.spelled, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=_MOST_HITS)
    best: dict[str, Hit] = {}
    for _, score, (ref, which) in found:
        entry, alike = book.entries[ref], int(score)
        contradicted = born is not None and entry.born is not None and abs(born - entry.born) > 1
        if (alike >= SAME or not contradicted) and ref not in best:
            best[ref] = Hit(book.name, ref, entry.names[which], alike, entry.note)
    return list(best.values())


def decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListInvalid("it is not UTF-8") from None


def read(text: str) -> list[Entry]:
    """The entries of a file; aliases are separated by `;`.

    Raises:
        ListInvalid: it is no such file; the number of the row is told.
    """
    rows = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ListInvalid(f"the first row is {','.join(COLUMNS)}")
        entries = [_entry(row, number) for number, row in enumerate(rows, start=2)]
    except csv.Error as error:
        raise ListInvalid(str(error)) from None
    if len({entry.ref for entry in entries}) != len(entries):
        raise ListInvalid("a ref stands there twice")
    if not entries:
        raise ListInvalid("it names nobody")
    return entries


def _entry(row: Mapping[str | None, str | Sequence[str] | None], number: int) -> Entry:
    values = [row.get(column) for column in COLUMNS]
    if None in row or not all(isinstance(value, str) for value in values):
        raise ListInvalid(f"row {number} has not {len(COLUMNS)} columns")
    ref, name, aliases, born, note = (str(value).strip() for value in values)
    names = tuple(one.strip() for one in (name, *aliases.split(";")) if one.strip())
    fits = name and len(names) <= _MOST_NAMES and all(plain(one) and len(one) <= _LONGEST for one in names)
    if not fits or not 1 <= len(ref) <= 100 or len(note) > _LONGEST or "\0" in ref + name + aliases + note:
        raise ListInvalid(f"row {number} has no ref, no name or one that is too long")
    if born and not (born.isascii() and born.isdigit() and int(born) in _YEARS):
        raise ListInvalid(f"row {number}: born is a year")
    return Entry(ref, names, int(born) if born else None, note)
