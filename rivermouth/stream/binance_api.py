"""Addresses of the Binance-compatible websockets: `…/ws`, `…/stream` and `…/ws-api/v3` below `/compat/binance`."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from identity.auth import public
from rivermouth.stream.binance import UnknownStream
from rivermouth.stream.binance_lines import MarketLine, UserLine
from rivermouth.stream.hub import Hub
from rivermouth.stream.line import Line
from rivermouth.stream.sending import CloseCode

router = APIRouter(prefix="/compat/binance", tags=["bots"], dependencies=[public(rate=None)])
MOST_NAMED = 100


async def _serve(socket: WebSocket, line: Line) -> None:
    hub: Hub = socket.app.state.stream
    if not hub.admit(line):
        await socket.close(CloseCode.FULL, "full")
        return
    try:
        await line.serve()
    finally:
        hub.dismiss(line)


async def _market(socket: WebSocket, names: list[str], *, combined: bool) -> None:
    await socket.accept()
    line = MarketLine(socket.app.state.stream, socket, combined=combined)
    try:
        for name in names[:MOST_NAMED]:
            await line.follow(name)
    except UnknownStream:
        for leave in line.leave.values():
            leave()
        await socket.close(CloseCode.UNKNOWN, "no such stream")
        return
    await _serve(socket, line)


@router.websocket("/ws")
async def raw(socket: WebSocket) -> None:
    await _market(socket, [], combined=False)


@router.websocket("/ws/{names:path}")
async def raw_named(socket: WebSocket, names: str) -> None:
    """Streams by name; a mere number, as ccxt sends to tell its connections apart, names none."""
    await _market(socket, [name for name in names.split("/") if name and not name.isdigit()], combined=False)


@router.websocket("/stream")
async def combined(socket: WebSocket, streams: str = "") -> None:
    await _market(socket, [name for name in streams.split("/") if name], combined=True)


@router.websocket("/ws-api/v3")
async def user(socket: WebSocket) -> None:
    await socket.accept()
    await _serve(socket, UserLine(socket.app.state.stream, socket.app.state.outcomes, socket))
