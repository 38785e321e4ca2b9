"""A chain of outputs of one's own for the demo and the tests: Debian's litecoind (a relative of Bitcoin Core 0.21) in regtest."""

from __future__ import annotations

import base64
import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kernel import apt, npm, processes
from wallet_bridge.custodian.localnet import FOLDER, NoNodeHere

DEBIANS = "usr/lib/litecoin/litecoind"
"""What Debian's `litecoind` starts; that one is a script with this path in it, and writes into its user's home."""
_UNPACKED = FOLDER / ".litecoind"
BINARY, LIBRARIES = "RIVERMOUTH_LITECOIND", "RIVERMOUTH_LITECOIND_LIBRARIES"
USER = PASSWORD = "localnet"  # noqa: S105  of a node that only this machine reaches
MINER = "miner"
RIPE = 150  # blocks until a good part of the mined coins may be spent
# As litecoind writes them on this chain.
PREFIXES = {"coin": 2, "hrp": "rltc", "p2pkh": 111, "p2sh": 58}
# Its hidden part would need a first user at block 432, or no block follows.
_NOTHING_HIDDEN = "-vbparams=mweb:4000000000:4100000000"


def find() -> Path:
    """The node's binary: the one that is named, else the machine's own.

    Raises:
        NoNodeHere
    """
    system = Path("/") / DEBIANS
    found = os.environ.get(BINARY) or (system if system.exists() else shutil.which("litecoind"))
    if found is None:
        raise NoNodeHere("no node of a chain of outputs: apt-get install -y --no-install-recommends litecoind")
    return Path(found)


def ensure(say: Callable[[str], None]) -> Path:
    """Debian's, unpacked on first use, where there is none yet.

    Raises:
        NoNodeHere
    """
    with suppress(NoNodeHere):
        return find()
    try:
        with npm.one_at_a_time(_UNPACKED.with_suffix(".guard")):
            tree = apt.unpack(["litecoind"], _UNPACKED, lambda: say("getting a node of a chain of outputs …"))
    except apt.AptFailed as error:
        raise NoNodeHere(f"no node of a chain of outputs. {error}") from None
    os.environ.setdefault(LIBRARIES, apt.libraries(tree))
    return tree / DEBIANS


@dataclass(slots=True)
class Litecoin:
    """A node on 127.0.0.1 with a wallet that mines: whoever pays in tests. Its blocks come when they are asked for."""

    binary: Path
    port: int
    folder: Path
    miner: str = ""

    @property
    def url(self) -> str:
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "litecoind.log"

    def spawn(self) -> processes.Process:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = [
            "-regtest",
            f"-datadir={self.folder}",
            "-server",
            "-listen=0",
            "-connect=0",
            "-txindex=1",
            "-keypool=1",
            "-dbcache=4",
        ]
        options += [
            "-rpcbind=127.0.0.1",
            "-rpcallowip=127.0.0.1",
            f"-rpcport={self.port}",
            "-fallbackfee=0.0002",
            "-mempoolreplacement=1",  # Litecoin's default takes no payment that outbids another
            _NOTHING_HIDDEN,
        ]
        options += [f"-rpcuser={USER}", f"-rpcpassword={PASSWORD}"]
        libraries = os.environ.get(LIBRARIES)
        env = {**os.environ, "LD_LIBRARY_PATH": libraries} if libraries else None
        return processes.spawn([self.binary, *options], log=self.log, env=env)

    def ready(self) -> bool:
        try:
            return bool(self.ask("getblockchaininfo")["chain"] == "regtest")
        except (urllib.error.URLError, OSError, ValueError, RuntimeError):
            return False

    def fund(self) -> None:
        """A wallet with mined coins that may be spent; one that was made earlier is there again when the node is."""
        if MINER not in self.ask("listwallets"):
            self.ask("createwallet", MINER, False, False, "", False, False, True)
        self.miner = self.ask("getnewaddress", "", "bech32")
        missing = RIPE - int(self.ask("getblockcount"))
        if missing > 0:
            self.mine(missing)

    def give(self, to: str, coins: Decimal) -> str:
        """From the wallet that mines; in the next block."""
        found: str = self.ask("sendtoaddress", to, str(coins))
        return found

    def gave(self, to: str) -> bool:
        """Whether anybody ever paid to an address, seen since this was asked first."""
        self.ask("importaddress", to, "", False)
        return bool(self.ask("listreceivedbyaddress", 0, False, True, to))

    def mines(self) -> bool:
        """Whether blocks shall come by themselves: the switch of its network, which it has no other use for."""
        return bool(self.ask("getnetworkinfo")["networkactive"])

    def ask(self, method: str, *params: Any) -> Any:
        """One question to the node.

        Raises:
            RuntimeError: the node refused it.
        """
        body = json.dumps({"jsonrpc": "1.0", "id": 1, "method": method, "params": list(params)}).encode()
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
        if told.get("error"):
            raise RuntimeError(f"{method}: {told['error'].get('message')}")
        return told["result"]

    def mine(self, blocks: int = 1) -> None:
        self.ask("generatetoaddress", blocks, self.miner)

    def mine_only(self, transactions: Sequence[str] = ()) -> None:
        """One block with these and nothing else: ids of what the node knows, or whole transactions."""
        self.ask("generateblock", self.miner, list(transactions))

    def reorganise(self, depth: int) -> None:
        """The last blocks are replaced by as many others and one more, without what was in them; that waits for a block again."""
        height: int = self.ask("getblockcount")
        self.ask("invalidateblock", self.ask("getblockhash", height - depth + 1))
        for _ in range(depth + 1):
            self.mine_only()
