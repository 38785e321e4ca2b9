"""A mail server for demos and sandboxes: takes every mail, sends none on, keeps each as a file that a sandbox can show."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from kernel.ids import uuid7

HOST = "127.0.0.1"
KEPT = 1_000
_LARGEST = 1024 * 1024


class Keeper:
    """The handler of the library's server."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  the library's name
        content = envelope.content or b""
        keep(self._folder, content if isinstance(content, bytes) else content.encode())
        return "250 kept"


def keep(folder: Path, content: bytes) -> None:
    """One file per mail, whole or not at all; names sort by time, the oldest leave."""
    name = f"{uuid7()}.eml"
    unfinished = folder / f".{name}"
    unfinished.write_bytes(content)
    unfinished.rename(folder / name)
    for old in sorted(folder.glob("*.eml"))[:-KEPT]:
        old.unlink(missing_ok=True)


def main(*, port: int, folder: Path, announce: Callable[[], None]) -> None:
    """Serve on the loopback address until SIGTERM."""
    asyncio.run(_serve(port, folder, announce))


async def _serve(port: int, folder: Path, announce: Callable[[], None]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=_LARGEST, hostname="sandbox", loop=loop), HOST, port
    )
    async with server:
        announce()
        await stop.wait()
