"""Parts and files of exports on disk. A part is made beside its place and renamed into it, so that it is whole or not there.

The same part has the same rows whoever makes it, so a worker that comes back after another took its job does no harm. pyarrow is loaded
by whoever writes Parquet, which is the worker.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from kernel.ids import uuid7
from kernel.money import canonical
from payments.exports.rules import Column
from payments.exports.states import Format

ROWS_PER_GROUP = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where one export lies: its finished file, and its parts while it grows."""

    root: Path
    tenant: UUID
    export_id: UUID
    format: Format

    @property
    def file(self) -> Path:
        return self.root / str(self.tenant) / f"{self.export_id}.{self.format.value}"

    @property
    def folder(self) -> Path:
        return self.root / str(self.tenant) / f"{self.export_id}.parts"

    def part(self, number: int) -> Path:
        return self.folder / f"{number:06d}"


def write_part(place: Place, number: int, columns: Mapping[str, Column], rows: Sequence[Sequence[Any]]) -> None:
    """Rows in the order of the columns."""
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _renamed(place.part(number)) as path:
        if place.format is Format.CSV:
            path.write_bytes(_csv(columns, rows))
        else:
            _write_table(path, columns, rows)


def finish(place: Place, parts: int, columns: Mapping[str, Column]) -> Written:
    """Make one file of the parts; safe to repeat. The parts go away with `clean_up`, after the job says that it is done."""
    place.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _renamed(place.file) as path:
        if place.format is Format.CSV:
            _join_text(place, parts, columns, path)
        else:
            _join_tables(place, parts, columns, path)
    digest = hashlib.sha256()
    with place.file.open("rb") as made:
        while block := made.read(1 << 20):
            digest.update(block)
    return Written(place.file.stat().st_size, digest.digest())


def clean_up(place: Place) -> None:
    shutil.rmtree(place.folder, ignore_errors=True)


def delete(place: Place) -> None:
    place.file.unlink(missing_ok=True)
    clean_up(place)


@contextmanager
def _renamed(target: Path) -> Iterator[Path]:
    unfinished = target.with_name(f"{target.name}.{uuid7()}.new")
    try:
        yield unfinished
        with unfinished.open("rb") as made:
            os.fsync(made.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def text(value: Any, column: Column) -> str:
    """One cell of CSV: canonical amounts, times in UTC to the microsecond, nothing for nothing."""
    if value is None:
        return ""
    if column is Column.AMOUNT:
        return canonical(value)
    if column is Column.TIME:
        return utc(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if column is Column.JSON:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _csv(columns: Mapping[str, Column], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    kinds = list(columns.values())
    csv.writer(out).writerows([text(v, k) for v, k in zip(row, kinds, strict=True)] for row in rows)
    return out.getvalue().encode()


def _join_text(place: Place, parts: int, columns: Mapping[str, Column], path: Path) -> None:
    with path.open("wb") as whole:
        whole.write(_csv(dict.fromkeys(columns, Column.TEXT), [list(columns)]))
        for number in range(parts):
            with place.part(number).open("rb") as part:
                shutil.copyfileobj(part, whole)


def _schema(columns: Mapping[str, Column]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  only the worker writes Parquet

    # 38 digits before the point and 18 after it need more than a decimal128 has.
    types: dict[Column, Any] = {
        Column.TEXT: pa.string(),
        Column.JSON: pa.string(),
        Column.NUMBER: pa.int64(),
        Column.AMOUNT: pa.decimal256(76, 18),
        Column.TIME: pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(name, types[kind]) for name, kind in columns.items()])


_CELLS: dict[Column, Callable[[Any], Any]] = {
    Column.TEXT: str,
    Column.JSON: lambda value: text(value, Column.JSON),
    Column.NUMBER: int,
    Column.AMOUNT: lambda value: value,
    Column.TIME: utc,
}


def _write_table(path: Path, columns: Mapping[str, Column], rows: Sequence[Sequence[Any]]) -> None:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    schema = _schema(columns)
    arrays = [
        pa.array([None if row[i] is None else _CELLS[kind](row[i]) for row in rows], type=schema.field(i).type)
        for i, kind in enumerate(columns.values())
    ]
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def _join_tables(place: Place, parts: int, columns: Mapping[str, Column], path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    with parquet.ParquetWriter(path, _schema(columns), compression="zstd") as whole:
        waiting: list[Any] = []
        for number in range(parts):
            waiting.append(parquet.read_table(place.part(number)))
            if sum(table.num_rows for table in waiting) >= ROWS_PER_GROUP:
                whole.write_table(pa.concat_tables(waiting))
                waiting.clear()
        if waiting:
            whole.write_table(pa.concat_tables(waiting))
