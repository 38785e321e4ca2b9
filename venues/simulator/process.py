"""The simulator as a process: `python -m venues.simulator --port 7000 [--data DIR] [--recording FILE]`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from venues.simulator import recording, server


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="rivermouth simulator", description="Simulated venues.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port; it is printed")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; its control routes know no login")
    parser.add_argument("--data", type=Path, help="folder where orders and balances survive a restart")
    parser.add_argument("--recording", type=Path, help="CSV of BTC-USDT minutes to play instead of a walk")
    options = parser.parse_args(arguments)
    path = recording.price_path(options.recording) if options.recording else None
    simulator = server.build(data=options.data, recording=path)
    asyncio.run(_serve(simulator, options.host, options.port))
    return 0


async def _serve(simulator: server.Simulator, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    runner, taken = await server.start(simulator, host=host, port=port)
    sys.stdout.write(f"ready http://127.0.0.1:{taken}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()
