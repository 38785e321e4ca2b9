"""What finance may carry away of earn, as files: subscriptions, the rows of their plans, the ladder and the costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from earn.reports import queries
from identity.permissions import Permission
from kernel.db import Tx
from payments.exports.sources import Column, Read, Source, Span

_T, _N, _A, _AT = Column.TEXT, Column.NUMBER, Column.AMOUNT, Column.TIME
_SUBSCRIPTION: Mapping[str, Column] = {
    "id": _T, "customer_id": _T, "template_id": _T, "name": _T, "version": _N, "sale_date": _T, "instance_id": _T, "order_id": _T,
    "asset": _T, "principal": _A, "apr_applied": _A, "value_date": _T, "maturity": _T, "zone": _T, "status": _T, "created_at": _AT,
    "ended_at": _AT, "accrued": _A, "clawed_back": _A, "renewal": _T, "renewed_from": _T, "renewed_into": _T, "renewal_refused": _T,
}  # fmt: skip
_ROW: Mapping[str, Column] = {
    "subscription_id": _T, "seq": _N, "customer_id": _T, "template_id": _T, "asset": _T, "period_start": _T, "period_end": _T,
    "due_date": _T, "due_at": _AT, "interest": _A, "bonus": _A, "principal": _A, "status": _T, "ended_at": _AT,
}  # fmt: skip
_DUE: Mapping[str, Column] = {"asset": _T, "date": _T, "principal": _A, "interest": _A}
_COST: Mapping[str, Column] = {"day": _T, "template": _T, "name": _T, "asset": _T, "interest": _A, "coupons": _A}


def _subscriptions(tx: Tx, span: Span, *, after: Sequence[Any] | None, limit: int) -> Sequence[Sequence[Any]]:
    found = queries.subscriptions(
        tx, since=span.since, until=span.made_until, after=None if after is None else UUID(after[0]), limit=limit
    )
    return [_cells(row, _SUBSCRIPTION) for row in found]


def _rows(tx: Tx, span: Span, *, after: Sequence[Any] | None, limit: int) -> Sequence[Sequence[Any]]:
    place = None if after is None else (UUID(after[0]), int(after[1]))
    found = queries.rows(tx, made_until=span.begun, since=span.since, until=span.until, after=place, limit=limit)
    return [_cells(row, _ROW) for row in found]


def _due(tx: Tx, span: Span, *, after: Sequence[Any] | None, limit: int) -> Sequence[Sequence[Any]]:  # noqa: ARG001  all at once
    return [_cells(each, _DUE) for each in queries.due(tx, asset=None)]


def _costs(tx: Tx, span: Span, *, after: Sequence[Any] | None, limit: int) -> Sequence[Sequence[Any]]:  # noqa: ARG001  all at once
    """A day belongs to a span when it begins in it."""
    found = queries.costs(tx, first=date.min, last=date.max, asset=None)
    return [_cells(each, _COST) for each in found if _begins_in(span, each.day)]


def _begins_in(span: Span, day: date) -> bool:
    begin = datetime.combine(day, time(), UTC)
    return (span.since is None or span.since <= begin) and (span.until is None or begin < span.until)


def _cells(row: Any, columns: Mapping[str, Column]) -> list[Any]:
    return [getattr(row, name) for name in columns]


def _source(columns: Mapping[str, Column], read: Read, place: tuple[str, ...] = (), *, spans: bool = True) -> Source:
    return Source(permission=Permission.EARN_READ, columns=columns, read=read, place=place, spans=spans)


SOURCES: Mapping[str, Source] = {
    "earn.subscriptions": _source(_SUBSCRIPTION, _subscriptions, ("id",)),
    "earn.plan_rows": _source(_ROW, _rows, ("subscription_id", "seq")),
    "earn.ladder": _source(_DUE, _due, spans=False),
    "earn.costs": _source(_COST, _costs),
}
