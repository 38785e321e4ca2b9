"""Reading files of journals, CSV or NDJSON. A file that is no such thing is refused; a row that is wrong is kept with its fault.

CSV has one line per leg: `journal,account,amount` and, if wanted, `kind,effective_at,memo`; neighbouring lines with the same `journal` are
one journal. NDJSON has one journal per line. Accounts are named by id or path; amounts are decimal strings, plus is a credit.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from kernel.clock import utc
from kernel.money import InvalidAmount, parse_amount
from payments.imports.errors import InvalidImport
from payments.imports.states import Format

MOST_LEGS = 200
MOST_META = 20
LONGEST_TEXT = 500
_KIND = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_NEEDED = {"journal", "account", "amount"}
_KNOWN = [*sorted(_NEEDED), "kind", "effective_at", "memo"]


@dataclass(slots=True)
class ImportRow:
    """One journal of a file. With a `fault` it is not posted."""

    row: int
    at_line: int
    kind: str = "journal"
    accounts: list[str] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)
    effective_at: datetime | None = None
    meta: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


class _Fault(ValueError):
    """What is wrong with one row, in words for its sender."""


def read(body: bytes, format_: Format) -> list[ImportRow]:
    """The journals of a file, in its order.

    Raises:
        InvalidImport: it is empty, not UTF-8, or not of this form at all.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidImport("the file is not UTF-8") from None
    if "\0" in text:
        raise InvalidImport("the file holds NUL")
    rows = list((_read_csv if format_ is Format.CSV else _read_ndjson)(text))
    if not rows:
        raise InvalidImport("the file holds no journal")
    return rows


def _guarded(row: int, at_line: int, fill: Callable[[ImportRow], None]) -> ImportRow:
    made = ImportRow(row, at_line)
    try:
        fill(made)
    except (_Fault, InvalidAmount) as fault:
        return ImportRow(row, at_line, fault=str(fault)[:LONGEST_TEXT])
    return made


def _read_csv(text: str) -> Iterator[ImportRow]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        columns = set(reader.fieldnames or ())
        if not columns >= _NEEDED or columns - set(_KNOWN) or len(columns) != len(reader.fieldnames or ()):
            raise InvalidImport(
                f"the first line must name columns out of {', '.join(_KNOWN)}; the first three are needed"
            )
        lines = [(reader.line_num, line) for line in reader]
    except csv.Error as error:
        raise InvalidImport(f"line {reader.line_num}: {error}") from None
    for row, (_, group) in enumerate(groupby(lines, key=lambda pair: pair[1]["journal"]), start=1):
        legs = list(group)
        yield _guarded(row, legs[0][0], lambda made, legs=legs: _fill_from_lines(made, [leg for _, leg in legs]))  # type: ignore[misc]


def _fill_from_lines(made: ImportRow, legs: list[dict[str, Any]]) -> None:
    for leg in legs:
        if None in leg or any(value is None for value in leg.values()):
            raise _Fault("the line has more or fewer fields than the first line")
        _add_leg(made, leg["account"], leg["amount"])
    if not legs[0]["journal"]:
        raise _Fault("a journal needs a label")
    for name in ("kind", "effective_at", "memo"):
        words = {leg[name] for leg in legs if leg.get(name)}
        if len(words) > 1:
            raise _Fault(f"the lines of one journal differ in {name}")
        if words:
            _set(made, name, words.pop())


def _read_ndjson(text: str) -> Iterator[ImportRow]:
    row = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            row += 1
            yield _guarded(row, number, lambda made, line=line: _fill_from_json(made, line))  # type: ignore[misc]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Fault("the same name twice in one object")
    return made


def _fill_from_json(made: ImportRow, line: str) -> None:
    try:
        value = json.loads(line, object_pairs_hook=_object)
    except _Fault:
        raise
    except (ValueError, RecursionError):
        raise _Fault("the line is not JSON") from None
    if not isinstance(value, dict) or not isinstance(value.get("lines"), list):
        raise _Fault("a journal is an object with `lines`")
    if unknown := set(value) - {"kind", "effective_at", "memo", "meta", "lines"}:
        raise _Fault(f"unknown field {min(unknown)!r}")
    for leg in value["lines"]:
        if not isinstance(leg, dict) or set(leg) != {"account", "amount"}:
            raise _Fault("a line has an account and an amount")
        account = leg["account"]
        whole = isinstance(account, int) and not isinstance(account, bool)
        _add_leg(made, str(account) if whole else account, leg["amount"])
    for name in ("kind", "effective_at", "memo"):
        if value.get(name) is not None:
            _set(made, name, value[name])
    _add_meta(made, value.get("meta") or {})


def _add_leg(made: ImportRow, account: object, amount: object) -> None:
    if len(made.amounts) >= MOST_LEGS:
        raise _Fault(f"a journal has at most {MOST_LEGS} lines")
    name = _text(account, "account")
    if not name or len(name) > 200:
        raise _Fault("an account is named by its id or its path")
    if name.isascii() and name.isdigit() and int(name) >= 2**63:
        raise _Fault("an account is named by its id or its path")
    made.accounts.append(name)
    made.amounts.append(parse_amount(amount))


def _set(made: ImportRow, name: str, value: object) -> None:
    word = _text(value, name)
    if name == "kind":
        if not _KIND.fullmatch(word):
            raise _Fault("a kind is lower-case letters, digits and _, at most 50")
        made.kind = word
    elif name == "memo":
        made.meta["memo"] = word
    else:
        try:
            moment = datetime.fromisoformat(word)
        except ValueError:
            raise _Fault("effective_at is not a time") from None
        if moment.tzinfo is None:
            raise _Fault("effective_at needs its offset from UTC")
        try:
            made.effective_at = utc(moment)
        except ValueError as error:
            raise _Fault(str(error)) from None


def _add_meta(made: ImportRow, meta: object) -> None:
    if not isinstance(meta, dict) or len(meta) > MOST_META:
        raise _Fault(f"meta is an object of at most {MOST_META} texts")
    for name, value in meta.items():
        made.meta.setdefault(_text(name, "meta"), _text(value, "meta"))


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        raise _Fault(f"{name} must be a text of at most {LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _Fault(f"{name} holds half a character") from None
    return value
