"""A reader of own events that expects to be killed: what it has seen stands in a file, and it goes on from there.

python -m rivermouth.prove.stream_reader ADDRESS TOKEN FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

from websockets.sync.client import ClientConnection, connect

CHANNELS = ("orders", "fills")


def seen(path: Path) -> list[Any]:
    """The whole lines of a file; a kill may have cut the last one, which is then not seen."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]


def main(address: str, token: str, folder: Path) -> None:
    """Read until killed."""
    with connect(address, compression=None, proxy=None, open_timeout=30) as socket:
        _ask(socket, {"op": "auth", "token": token}, "authenticated")
        files: dict[str, IO[bytes]] = {}
        for channel in CHANNELS:
            path = folder / channel
            frames = seen(path)
            path.write_bytes(b"".join(json.dumps(frame).encode() + b"\n" for frame in frames))
            files[channel] = path.open("ab", buffering=0)
            last = frames[-1]["seq"] if frames else 0
            socket.send(json.dumps({"op": "resume", "channel": channel, "seq": last}))
        _read(socket, files)


def _read(socket: ClientConnection, files: dict[str, IO[bytes]]) -> None:
    for text in socket:
        frame = json.loads(text)
        if "data" in frame:
            files[frame["channel"]].write(json.dumps(frame).encode() + b"\n")
        elif frame["op"] == "error":
            sys.exit(f"refused: {frame}")


def _ask(socket: ClientConnection, request: dict[str, Any], wanted: str) -> None:
    socket.send(json.dumps(request))
    answer = json.loads(socket.recv(timeout=30))
    if answer["op"] != wanted:
        sys.exit(f"refused: {answer}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
