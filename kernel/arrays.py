"""Arrays as Postgres reads them, for statements on thousands of rows; bind one as text and cast it: `CAST(:ids AS uuid[])`.

One text travels, where adapting a list element by element costs several times as much as the statement itself.
"""

from __future__ import annotations

from collections.abc import Iterable


def array(items: Iterable[object]) -> str:
    """Of numbers, ids, and words without blanks or punctuation; None is NULL."""
    return "{" + ",".join("NULL" if item is None else str(item) for item in items) + "}"


def texts(items: Iterable[str | None]) -> str:
    """Of any text."""
    return array(None if item is None else quoted(item) for item in items)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
