"""A chain of one's own for the demo and the tests: a real node of an EVM network (anvil), got by npm, with its data in memory."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel import npm, processes

FOLDER = Path(__file__).resolve().parent
CHAIN_ID = 31337
REMEMBERED = 2_000
"""Blocks whose states are kept, in memory: those on disk would have lost code that was set, and a reorganisation brings them back so."""
_GUARD = FOLDER / ".installing"


class NoNodeHere(RuntimeError):
    """There is no binary of the node for this machine."""


def ensure(say: Callable[[str], None]) -> Path:
    """The node's binary: the machine's own, else the one of the lock, installed on first use.

    Raises:
        NoNodeHere, NpmFailed
    """
    found = shutil.which("anvil")
    if found is not None:
        return Path(found)
    packages(say)
    binary = FOLDER / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
    if not binary.exists():
        raise NoNodeHere("no node of an EVM chain for this machine: install anvil so that PATH finds it")
    return binary


def packages(say: Callable[[str], None]) -> None:
    """Everything of the lock, installed on first use.

    Raises:
        NpmFailed
    """
    with npm.one_at_a_time(_GUARD):
        npm.install(FOLDER, lambda: say("getting a node of an EVM chain, and a Safe's contracts …"))


@dataclass(slots=True)
class Anvil:
    """A node on 127.0.0.1. Its blocks come when they are asked for (`mine`), or every `block_time_s`."""

    binary: Path
    port: int
    log: Path
    block_time_s: int | None = None
    state: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> processes.Process:
        """One slot an epoch: what is `finalized` follows the head by two blocks."""
        options: list[str | Path] = ["--host", "127.0.0.1", "--port", str(self.port), "--chain-id", str(CHAIN_ID)]
        options += ["--slots-in-an-epoch", "1", "--quiet", "--order", "fifo", "--prune-history", str(REMEMBERED)]
        options += ["--block-time", str(self.block_time_s)] if self.block_time_s else ["--no-mining"]
        if self.state is not None:
            options += ["--state", self.state, "--state-interval", "5"]
        return processes.spawn([self.binary, *options], log=self.log)

    def ready(self) -> bool:
        try:
            return bool(self.ask("eth_chainId") == hex(CHAIN_ID))
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def ask(self, method: str, *params: Any) -> Any:
        """One question to the node, the `anvil_…` ones too.

        Raises:
            RuntimeError: the node refused it.
        """
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310  our own address
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            told = json.load(answer)
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error'].get('message')}")
        return told.get("result")

    def mine(self, blocks: int = 1) -> None:
        self.ask("anvil_mine", hex(blocks))

    def reorganise(self, depth: int) -> None:
        """The last blocks are replaced by as many others, without what was in them.

        The new ones have another miner: an empty block of the same parent and second would be the old one, to the hash.
        """
        tip = self.ask("eth_getBlockByNumber", "latest", False)["hash"]
        self.ask("anvil_setCoinbase", f"0x{tip[-40:]}")
        self.ask("anvil_reorg", depth, [])
