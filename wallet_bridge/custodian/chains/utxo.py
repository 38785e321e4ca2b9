"""A chain of outputs by the JSON-RPC of Bitcoin Core (0.21 and later, and its relatives): read block by block, paid from native segwit.

The node keeps no wallet of ours: it is asked for blocks, for fees, and for single transactions, for which it needs `-txindex`. What we own
stands in our own table of outputs (`outputs.service`), and what may be spent comes with the payment.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from embit import ec
from embit.finalizer import finalize_psbt
from embit.psbt import PSBT
from embit.script import Script, p2wpkh
from embit.transaction import Transaction, TransactionInput, TransactionOutput

from wallet_bridge.custodian.chains import port, scripts
from wallet_bridge.custodian.chains.outputs import Coin, Wish, choose
from wallet_bridge.custodian.chains.port import (
    Block,
    BlockRef,
    CannotPay,
    ChainAway,
    Gone,
    Incoming,
    Located,
    Mined,
    Moves,
    NotTaken,
    Output,
    Payment,
    Sent,
    Signed,
    Waiting,
)
from wallet_bridge.custodian.chains.rpc import Rpc, RpcError
from wallet_bridge.custodian.chains.units import from_units, to_units
from wallet_bridge.custodian.keys import HOT, Seed
from wallet_bridge.custodian.networks import Network
from wallet_bridge.custodian.outputs import service as outputs

TIMEOUT_S = 60.0  # a block is tens of megabytes of JSON
REPLACEABLE = 0xFFFFFFFD  # BIP 125
MINED_RESTS, PEGGED_RESTS = 100, 6
_NOT_FOUND, _NO_BLOCK = -5, -8
_KNOWN = ("already in block chain", "already in utxo set", "already in mempool", "already known")


@dataclass(frozen=True, slots=True)
class Fees:
    """Of the node now, in the smallest units for a thousand virtual bytes; `relay`: what outbidding costs beyond the old fee."""

    height: int
    rate: int
    relay: int


class UtxoChain:
    """A node of the network called `name`."""

    def __init__(self, name: str, network: Network, seed: Seed) -> None:
        assert network.utxo is not None, "the file of networks was read"
        self.name, self.network, self._utxo, self._seed = name, network, network.utxo, seed
        auth = None if network.utxo.cookie is None else _Cookie(network.utxo.cookie)
        self._rpc = Rpc(network.rpc, timeout_s=TIMEOUT_S, auth=auth)
        self._hot = self.address_of(seed.watch(network.root, HOT).public_key(0))
        self._wallets = {self._hot: "hot"} | ({network.cold: "cold"} if network.cold else {})
        self._decimals = network.assets[network.native].decimals

    # Reading -------------------------------------------------------------------------------------------------------------------

    async def tip(self) -> BlockRef:
        return _ref(await self._ask("getblockheader", await self._ask("getbestblockhash")))

    async def block_ref(self, height: int) -> BlockRef | None:
        try:
            found = await self._rpc.ask("getblockhash", height)
        except RpcError as error:
            if error.code == _NO_BLOCK:
                return None
            raise ChainAway(f"getblockhash: {error.message}") from error
        return _ref(await self._ask("getblockheader", found))

    async def block(self, height: int) -> Block:
        """Raises: ChainAway."""
        found = await self._ask("getblock", await self._ask("getblockhash", height), 2)
        incoming: list[Incoming] = []
        spent: list[tuple[str, int, str]] = []
        resting: dict[str, int] = {}
        for transaction in found["tx"]:
            incoming += self._paid(transaction)
            spent += [(one["txid"], one["vout"], transaction["txid"]) for one in transaction["vin"] if "txid" in one]
            rests = _rests(transaction)
            if rests:
                resting[transaction["txid"]] = rests
        ref = _ref(found)
        mined = {one["txid"]: Mined(ref.height, ref.hash, None, ok=True) for one in found["tx"]}
        return Block(ref, incoming, mined, Moves(spent, self._wallets, resting))

    def _paid(self, transaction: Mapping[str, Any]) -> Iterator[Incoming]:
        """The script counts, not what the node calls its address: nodes differ in that. Litecoin's hidden outputs have none."""
        for one in transaction["vout"]:
            if "scriptPubKey" not in one or "n" not in one or not one.get("value"):
                continue
            address = scripts.address_of(self._utxo, bytes.fromhex(one["scriptPubKey"]["hex"]))
            if address is not None:
                yield Incoming(transaction["txid"], one["n"], self.network.native, Decimal(one["value"]), address)

    async def locate(self, txid: str) -> Located:
        try:
            found = await self._rpc.ask("getrawtransaction", txid, True)
        except RpcError as error:
            if error.code != _NOT_FOUND or "txindex" in error.message:
                raise ChainAway(f"getrawtransaction: {error.message}") from error
            return Gone()
        if not found.get("blockhash"):
            return Waiting()
        if not found.get("confirmations"):
            return Gone()  # its block is not on the best chain, and the node does not hold it for another
        header = await self._ask("getblockheader", found["blockhash"])
        return Mined(header["height"], found["blockhash"], None, ok=True)

    async def first_nonce(self, payer: str) -> int | None:  # noqa: ARG002  of the port
        return None

    async def nonce_spent(self, payer: str, nonce: int) -> bool:  # noqa: ARG002  of the port
        return False

    async def balances(self, address: str, at: BlockRef | None = None) -> Mapping[str, Decimal]:  # noqa: ARG002  of the port
        """From our own outputs, as of the block that was read last. The hot wallet is whatever it pays from: deposits too."""
        amount = await asyncio.to_thread(outputs.held, self.name, address, all_wallets=address == self._hot)
        return {self.network.native: amount}

    # Paying --------------------------------------------------------------------------------------------------------------------

    async def materials(self, payer: str, wishes: Collection[port.Wish]) -> Fees:  # noqa: ARG002  of the port
        estimate = await self._ask("estimatesmartfee", self._utxo.fee_blocks)
        pool, net = await self._ask("getmempoolinfo"), await self._ask("getnetworkinfo")
        least = max(self._utxo.fee_floor, Decimal(pool["mempoolminfee"]), Decimal(net["relayfee"]))
        wanted = max(least, Decimal(estimate.get("feerate", 0)))
        # A node that asks for more than our ceiling to take anything at all is not paid.
        rate = min(wanted, self._utxo.fee_ceiling)
        return Fees((await self.tip()).height, self._units(rate), self._units(Decimal(net["incrementalfee"])))

    def sign(self, materials: Fees, payment: Payment) -> Signed:
        script = scripts.of_address(self._utxo, payment.address)
        if script is None:
            raise CannotPay("the destination is no address of this network")
        given = [*payment.spends, *payment.free]
        coins = [Coin(place, self._units(one.amount)) for place, one in enumerate(given)]
        many = len(payment.spends)
        wish = Wish(
            units=self._units(payment.amount), script=len(script.data), rate=materials.rate, dust=self._units(self._utxo.dust),
            fee_most=self._units(payment.fee_cap), most_inputs=self._utxo.most_inputs,
            fee_least=0 if payment.instead_of is None else self._units(payment.instead_of),
            relay=0 if payment.instead_of is None else max(materials.relay, self._units(self._utxo.fee_floor)),
        )  # fmt: skip
        choice = choose(wish, coins[:many], coins[many:])
        pays = [TransactionOutput(wish.units, script)]
        if choice.change:
            pays.append(TransactionOutput(choice.change, scripts.of_address(self._utxo, self._hot)))
        used = [given[coin.place] for coin in choice.coins]
        made = self._signed(used, pays)
        return Signed(
            made.serialize(), made.txid().hex(), self._whole(choice.fee), [(one.txid, one.number) for one in used]
        )

    def _signed(self, used: Sequence[Output], pays: Sequence[TransactionOutput]) -> Transaction:
        spends = [TransactionInput(bytes.fromhex(one.txid), one.number, sequence=REPLACEABLE) for one in used]
        draft = PSBT(Transaction(2, spends, list(pays), 0))
        keys = {}
        for place, one in zip(draft.inputs, used, strict=True):
            assert one.branch is not None, "of a wallet of ours"
            assert one.index is not None, "of a wallet of ours"
            key = ec.PrivateKey(self._seed.private_key(self.network.root, one.branch, one.index))
            place.witness_utxo = TransactionOutput(self._units(one.amount), p2wpkh(key))
            keys[one.branch, one.index] = key
        for key in keys.values():
            draft.sign_with(key)
        made = finalize_psbt(draft)
        assert made is not None, "every input is of a key of ours"
        return made

    def inputs(self, raw: bytes) -> Sequence[tuple[str, int]]:
        return [(one.txid.hex(), one.vout) for one in Transaction.parse(raw).vin]

    async def send(self, raw: bytes) -> Sent | NotTaken:
        try:
            await self._rpc.ask("sendrawtransaction", raw.hex(), 0)  # 0: our own ceiling counts, not the node's
        except RpcError as error:
            if any(words in error.message.lower().replace("-", " ") for words in _KNOWN):
                return Sent()
            return NotTaken(error.message)
        except ChainAway as error:
            return NotTaken(str(error))
        return Sent()

    # Addresses -----------------------------------------------------------------------------------------------------------------

    def address_of(self, public_key: bytes) -> str:
        address = scripts.address_of(self._utxo, p2wpkh(ec.PublicKey.parse(public_key)).data)
        assert address is not None, "a script of ours has an address"
        return address

    def valid(self, address: str) -> str | None:
        script: Script | None = scripts.of_address(self._utxo, address)
        return None if script is None else scripts.address_of(self._utxo, script.data)

    async def close(self) -> None:
        await self._rpc.close()

    def _units(self, amount: Decimal) -> int:
        return to_units(amount, self._decimals)

    def _whole(self, units: int) -> Decimal:
        return from_units(units, self._decimals)

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.ask(method, *params)
        except RpcError as error:
            raise ChainAway(f"{method}: {error.message}") from error


class _Cookie(httpx.Auth):
    """The node writes a new one at every start."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        try:
            content = self._file.read_bytes().strip()
        except OSError as error:
            raise httpx.TransportError("the node's cookie cannot be read") from error
        request.headers["Authorization"] = f"Basic {base64.b64encode(content).decode()}"
        yield request


def _ref(header: Mapping[str, Any]) -> BlockRef:
    return BlockRef(header["height"], header["hash"], header.get("previousblockhash", ""))


def _rests(transaction: Mapping[str, Any]) -> int:
    """What miners are paid, and what comes out of Litecoin's hidden part, must lie for some blocks before it can be spent."""
    if any("coinbase" in one for one in transaction["vin"]):
        return MINED_RESTS
    first = transaction["vout"][0].get("scriptPubKey", {}) if transaction["vout"] else {}
    return PEGGED_RESTS if first.get("type") == "witness_mweb_hogaddr" else 0
