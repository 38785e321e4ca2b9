"""TradingView's UDF over HTTP: anybody may read it from any page, and no cookie or token is looked at.

The words are the library's, not ours: prices are JSON numbers, a refusal is `{"s": "error", "errmsg": …}`.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from identity.auth import public
from kernel import clock
from markets.instruments.errors import UnknownSymbol
from markets.udf import service
from markets.udf.codec import encode

ANY_PAGE = {"Access-Control-Allow-Origin": "*"}
router = APIRouter(prefix="/udf", tags=["charts"], dependencies=[public()])
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {}}}}}
Symbol = Annotated[str, Query(max_length=64)]
Seconds = Annotated[int, Query(ge=-(2**53), le=2**53)]


def _answer(body: Any, *, status: int = 200) -> Response:
    return Response(encode(body), status_code=status, media_type="application/json", headers=ANY_PAGE)


def _error(message: str) -> Response:
    return _answer({"s": "error", "errmsg": message})


@router.get("/config", responses=_JSON, response_class=Response)
def udf_config() -> Response:
    return _answer(service.config())


@router.get(
    "/time", responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}, response_class=Response
)
def udf_time() -> Response:
    """Seconds since 1970, as text."""
    return Response(str(int(clock.wall().timestamp())), media_type="text/plain", headers=ANY_PAGE)


@router.get("/symbols", responses=_JSON, response_class=Response)
def udf_symbols(symbol: Symbol) -> Response:
    try:
        return _answer(service.symbol(symbol))
    except UnknownSymbol:
        return _error("unknown_symbol")


@router.get("/search", responses=_JSON, response_class=Response)
def udf_search(
    query: Annotated[str, Query(max_length=64)] = "",
    kind: Annotated[str, Query(alias="type", max_length=32)] = "",
    exchange: Annotated[str, Query(max_length=32)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Response:
    if kind not in {"", "crypto"} or exchange not in {"", service.EXCHANGE}:
        return _answer([])
    return _answer(service.search(query, limit=limit))


@router.get("/history", responses=_JSON, response_class=Response)
def udf_history(
    symbol: Symbol,
    resolution: Annotated[str, Query(max_length=8)],
    until: Annotated[Seconds, Query(alias="to")],
    since: Annotated[Seconds, Query(alias="from")] = 0,
    countback: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Bars in arrays of times, opens, highs, lows, closes and volumes."""
    interval = service.interval_of(resolution)
    if interval is None:
        return _error("unknown_resolution")
    try:
        bars = service.history(symbol, interval, since=since, until=until, countback=countback)
    except UnknownSymbol:
        return _error("unknown_symbol")
    if not bars.items:
        return _answer({"s": "no_data"} | ({} if bars.next_time is None else {"nextTime": bars.next_time}))
    return _answer(
        {
            "s": "ok",
            "t": [int(bar.open_time.timestamp()) for bar in bars.items],
            "o": [bar.open for bar in bars.items],
            "h": [bar.high for bar in bars.items],
            "l": [bar.low for bar in bars.items],
            "c": [bar.close for bar in bars.items],
            "v": [bar.volume for bar in bars.items],
        }
    )


@router.get("/quotes", responses=_JSON, response_class=Response)
def udf_quotes(symbols: Annotated[str, Query(max_length=2000)]) -> Response:
    names = [name.strip() for name in symbols.split(",") if name.strip()]
    return _answer({"s": "ok", "d": service.quotes(names)})
