"""An EVM chain by its JSON-RPC: the own coin, and tokens of the contracts that are named (ERC-20), read from their Transfer logs.

Tokens count by what the log of a transaction that succeeded says, never by what its calldata asked for. Payments are EIP-1559, with nonces
that the custodian hands out itself. What contracts send of the own coin inside a call is no deposit: it appears in no transaction.

A node can be changed for one of another network at any time, so the number of its chain is asked for whenever a round of work begins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wallet_bridge.custodian.chains.eth import (
    Account,
    HexBytes,
    PublicKey,
    TypedTransaction,
    is_address,
    is_checksum_address,
    keccak,
    to_checksum_address,
)
from wallet_bridge.custodian.chains.port import (
    Block,
    BlockRef,
    CannotPay,
    ChainAway,
    Gone,
    Incoming,
    Located,
    Mined,
    NotTaken,
    Payment,
    Sent,
    Signed,
    Waiting,
    Wish,
    WouldFail,
)
from wallet_bridge.custodian.chains.rpc import Rpc, RpcError
from wallet_bridge.custodian.chains.units import from_units, to_units
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.networks import Network

_TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
_BALANCE_OF, _SEND = keccak(text="balanceOf(address)")[:4].hex(), keccak(text="transfer(address,uint256)")[:4].hex()
COIN_GAS = 21_000  # of a payment in the own coin to whoever is no contract: known, not estimated
MOST_GAS = 500_000  # a token that wants more is not what its users think it is
TOKEN_OUTPUT = 1  # output 0 is the coin itself; a log is its index + 1
_WORD = 64
_REVERTED = 3  # the code of JSON-RPC errors with which nodes say that a call does not go through


@dataclass(frozen=True, slots=True)
class Fees:
    """As of the block at `height`, in wei: of gas, and the payer's coins.

    `tokens` in the units of each contract, None where it gave no answer. `gas` of each payment that the payer holds enough for, or why it
    cannot be made.
    """

    height: int
    base: int
    tip: int
    coins: int
    tokens: Mapping[str, int | None]
    gas: Mapping[Wish, int | CannotPay]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What an attempt offers: units of gas, and wei for each."""

    gas: int
    price: int
    tip: int


class EvmChain:
    """A node of the network; `seed` None where this process only reads."""

    def __init__(self, network: Network, seed: Seed | None = None) -> None:
        self.network, self._seed, self._rpc = network, seed, Rpc(network.rpc)
        self._tokens = {asset.contract.lower(): name for name, asset in network.assets.items() if asset.contract}

    # Reading -------------------------------------------------------------------------------------------------------------------

    async def tip(self) -> BlockRef:
        return _ref(await self._newest())

    async def _newest(self) -> Mapping[str, Any]:
        found = int(await self.ask("eth_chainId"), 16)
        if found != self.network.chain_id:
            raise ChainAway(f"the node is of chain {found}, not of {self.network.chain_id}")
        newest: Mapping[str, Any] = await self.ask("eth_getBlockByNumber", "latest", False)
        return newest

    async def block_ref(self, height: int) -> BlockRef | None:
        found = await self.ask("eth_getBlockByNumber", hex(height), False)
        return None if found is None else _ref(found)

    async def block(self, height: int) -> Block:
        """Raises: ChainAway, also where the block changed while it was read."""
        found = await self.ask("eth_getBlockByNumber", hex(height), True)
        if found is None:
            raise ChainAway("the block is gone")
        receipts = await self.ask("eth_getBlockReceipts", hex(height))
        if receipts is None or any(one["blockHash"] != found["hash"] for one in receipts):
            raise ChainAway("the block changed while it was read")
        told = {one["transactionHash"]: one for one in receipts}
        incoming: list[Incoming] = []
        for transaction in found["transactions"]:
            receipt = told.get(transaction["hash"])
            if receipt is not None and int(receipt["status"], 16) == 1:
                incoming += self._coins(transaction)
                incoming += self._tokens_of(receipt)
        return Block(_ref(found), incoming, {txid: self.mined(receipt) for txid, receipt in told.items()})

    def _coins(self, transaction: Mapping[str, Any]) -> Iterator[Incoming]:
        value = int(transaction["value"], 16)
        if value and transaction.get("to"):
            amount = from_units(value, self.network.assets[self.network.native].decimals)
            yield Incoming(transaction["hash"], 0, self.network.native, amount, to_checksum_address(transaction["to"]))

    def _tokens_of(self, receipt: Mapping[str, Any]) -> Iterator[Incoming]:
        # The number of a log in its block changes with the block; its place in the transaction does not. A Transfer of ERC-20 has its two
        # parties indexed and one word of data, the amount. What looks otherwise is another contract's idea (ERC-721 indexes the number of a
        # thing under the same name), and reading an amount out of it would be guessing.
        for place, entry in enumerate(receipt["logs"]):
            name = self._tokens.get(entry["address"].lower())
            if name is None or not _is_transfer(entry):
                continue
            units = int(entry["data"], 16)
            if units:
                amount = from_units(units, self.network.assets[name].decimals)
                to = to_checksum_address("0x" + entry["topics"][2][-40:])
                yield Incoming(receipt["transactionHash"], TOKEN_OUTPUT + place, name, amount, to)

    async def locate(self, txid: str) -> Located:
        receipt = await self.ask("eth_getTransactionReceipt", txid)
        if receipt is not None:
            return self.mined(receipt)
        return Gone() if await self.ask("eth_getTransactionByHash", txid) is None else Waiting()

    def mined(self, receipt: Mapping[str, Any]) -> Mined:
        """What a receipt says of its transaction."""
        paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        fee = from_units(paid, self.network.assets[self.network.native].decimals)
        ok = int(receipt["status"], 16) == 1 and self._kept_its_word(receipt)
        return Mined(int(receipt["blockNumber"], 16), receipt["blockHash"], fee, ok)

    def _kept_its_word(self, receipt: Mapping[str, Any]) -> bool:
        """A contract may refuse by answering false, in a transaction that succeeds: a token was paid where it says so in its log."""
        contract = (receipt.get("to") or "").lower()
        return contract not in self._tokens or says_paid(receipt, contract, receipt["from"])

    async def first_nonce(self, payer: str) -> int | None:
        return int(await self.ask("eth_getTransactionCount", payer, "latest"), 16)

    async def nonce_spent(self, payer: str, nonce: int) -> bool:
        height = (await self.tip()).height - self.network.confirmations + 1
        if height < 0:
            return False
        return int(await self.ask("eth_getTransactionCount", payer, hex(height)), 16) > nonce

    async def balances(self, address: str, at: BlockRef | None = None) -> Mapping[str, Decimal]:
        block = _at((await self._newest())["hash"] if at is None else at.hash)
        held: dict[str, int | None] = {self.network.native: int(await self.ask("eth_getBalance", address, block), 16)}
        for contract, name in self._tokens.items():
            held[name] = await self._units_of(contract, address, block)
        return {
            name: from_units(units, self.network.assets[name].decimals)
            for name, units in held.items()
            if units is not None
        }

    async def _units_of(self, contract: str, address: str, block: Mapping[str, str]) -> int | None:
        """None where the contract gives no answer: that is its own trouble, and keeps nothing else from being paid."""
        question = "0x" + _BALANCE_OF + address.lower().removeprefix("0x").rjust(_WORD, "0")
        try:
            return _word(await self._rpc.ask("eth_call", {"to": contract, "data": question}, block))
        except RpcError as error:
            if _reverted(error):
                return None
            raise ChainAway(f"eth_call: {error.message}") from error

    # Paying --------------------------------------------------------------------------------------------------------------------

    async def materials(self, payer: str, wishes: Collection[Wish]) -> Fees:
        newest = await self._newest()
        block = _at(newest["hash"])
        tip = int(await self.ask("eth_maxPriorityFeePerGas"), 16)
        coins = int(await self.ask("eth_getBalance", payer, block), 16)
        tokens = {
            name: await self._units_of(contract, payer, block)
            for contract, name in self._tokens.items()
            if any(wish.asset == name for wish in wishes)
        }
        gas = {}
        for wish in wishes:
            held = coins if wish.asset == self.network.native else tokens[wish.asset]
            if held is not None and held >= self._units(wish.asset, wish.amount):
                gas[wish] = await self._gas(payer, wish, block)
        return Fees(int(newest["number"], 16), int(newest["baseFeePerGas"], 16), tip, coins, tokens, gas)

    async def _gas(self, payer: str, wish: Wish, block: Mapping[str, str]) -> int | CannotPay:
        """What it would take, with a margin for what others change before it is included; or why it would pay nothing."""
        to, value, data = self.call(wish)
        call = {"from": payer, "to": to, "value": hex(value), "data": data}
        try:
            if value == 0 and _word(await self._rpc.ask("eth_call", call, block)) == 0:
                return WouldFail("the token's contract answers that it would not pay this")
            gas = int(await self._rpc.ask("eth_estimateGas", call, block), 16)
        except RpcError as error:
            if _reverted(error):
                return WouldFail(f"the contract refuses this payment: {error.message}")
            return CannotPay(f"the node does not say what this would cost: {error.message}")
        if gas > MOST_GAS:
            return WouldFail(f"the contract wants {gas} gas for this payment, more than {MOST_GAS}")
        return gas if gas == COIN_GAS else gas + gas // 4

    def quote(self, materials: Fees, wish: Wish) -> Decimal:
        """The most that this payment costs in the own coin, with room for fees that rise by a quarter until it is signed.

        Raises:
            CannotPay, WouldFail
        """
        fee = self._gas_of(materials, wish) * (2 * materials.base + max(materials.tip, 1)) * 5 // 4
        return from_units(fee, self.network.assets[self.network.native].decimals)

    def held(self, materials: Fees, asset: str) -> Decimal:
        """What the materials say of one of the assets that they were asked for, or of the own coin."""
        units = materials.coins if asset == self.network.native else materials.tokens.get(asset) or 0
        return from_units(units, self.network.assets[asset].decimals)

    def sign(self, materials: Fees, payment: Payment) -> Signed:
        assert self._seed is not None, "this process has no keys"
        self._require_held(materials, payment)
        offer = self._offer(materials, payment)
        self._require_fee(materials, payment, offer.gas * offer.price)
        to, value, data = self.call(payment.wish)
        key = self._seed.private_key(self.network.root, payment.branch, payment.index)
        made = Account.sign_transaction(
            {
                "type": 2, "chainId": self.network.chain_id, "nonce": payment.nonce, "to": to_checksum_address(to), "value": value,
                "data": data, "gas": offer.gas, "maxFeePerGas": offer.price, "maxPriorityFeePerGas": min(offer.price, offer.tip),
            },
            key,
        )  # fmt: skip
        fee = from_units(offer.gas * offer.price, self.network.assets[self.network.native].decimals)
        return Signed(bytes(made.raw_transaction), "0x" + made.hash.hex().removeprefix("0x"), fee, ())

    def _offer(self, materials: Fees, payment: Payment) -> _Offer:
        """Twice the base fee of now leaves room for six full blocks; never past the cap.

        Nodes take bytes in the place of others of the same nonce where both the price and the tip are an eighth higher, each for itself.
        """
        gas, tip = self._gas_of(materials, payment.wish), max(materials.tip, 1)
        price = 2 * materials.base + tip
        if payment.replaces is not None:
            before = _offered(payment.replaces)
            gas, tip = max(gas, before.gas), max(tip, before.tip * 9 // 8 + 1)
            price = max(price, before.price * 9 // 8 + 1, tip)
        if gas * price > self._units(self.network.native, payment.fee_cap):
            raise CannotPay("the network's fee is above the cap of this transfer")
        return _Offer(gas, price, tip)

    def _gas_of(self, materials: Fees, wish: Wish) -> int:
        gas = materials.gas.get(wish)
        if gas is None:
            raise CannotPay("the wallet does not hold enough")
        if isinstance(gas, CannotPay):
            raise gas
        return gas

    def _require_held(self, materials: Fees, payment: Payment) -> None:
        held = materials.coins if payment.asset == self.network.native else materials.tokens.get(payment.asset, 0)
        if held is None:
            raise CannotPay("the token's contract does not answer")
        if held - self._leaving(payment, payment.asset) < self._units(payment.asset, payment.amount):
            raise CannotPay("the wallet does not hold enough")

    def _require_fee(self, materials: Fees, payment: Payment, fee: int) -> None:
        native = self.network.native
        coins = materials.coins - self._leaving(payment, native)
        if coins < fee + (self._units(native, payment.amount) if payment.asset == native else 0):
            raise CannotPay("the wallet does not hold enough for the network's fee")

    def _leaving(self, payment: Payment, asset: str) -> int:
        return self._units(asset, payment.leaving.get(asset, Decimal(0)))

    def _units(self, asset: str, amount: Decimal) -> int:
        return to_units(amount, self.network.asset(asset).decimals)

    def said(self, to: str, value: int, data: bytes) -> Wish | None:
        """Which payment such a call is; None where it is any other."""
        if not data:
            return Wish(self.network.native, to, from_units(value, self.network.assets[self.network.native].decimals))
        name = self._tokens.get(to.lower())
        if name is None or value or len(data) != 4 + _WORD or data[:4].hex() != _SEND or any(data[4:16]):
            return None
        amount = from_units(int.from_bytes(data[36:]), self.network.assets[name].decimals)
        return Wish(name, to_checksum_address(data[16:36]), amount)

    def call(self, wish: Wish) -> tuple[str, int, str]:
        """(to, wei, calldata) of a payment."""
        contract, units = self.network.asset(wish.asset).contract, self._units(wish.asset, wish.amount)
        if contract is None:
            return wish.address, units, "0x" + wish.data.hex()
        return (
            contract,
            0,
            "0x" + _SEND + wish.address.lower().removeprefix("0x").rjust(_WORD, "0") + f"{units:0{_WORD}x}",
        )

    async def send(self, raw: bytes) -> Sent | NotTaken:
        try:
            await self._rpc.ask("eth_sendRawTransaction", "0x" + raw.hex())
        except RpcError as error:
            if "already known" in error.message.lower() or "already imported" in error.message.lower():
                return Sent()
            return NotTaken(error.message)
        except ChainAway as error:
            return NotTaken(str(error))
        return Sent()

    def inputs(self, raw: bytes) -> Sequence[tuple[str, int]]:  # noqa: ARG002  of the port
        return ()

    # Addresses -----------------------------------------------------------------------------------------------------------------

    def address_of(self, public_key: bytes) -> str:
        return PublicKey.from_compressed_bytes(public_key).to_checksum_address()

    def valid(self, address: str) -> str | None:
        """Mixed case carries a checksum, which must fit; one case alone carries none."""
        if not (address.startswith("0x") and is_address(address)):
            return None
        body = address[2:]
        if body not in (body.lower(), body.upper()) and not is_checksum_address(address):
            return None
        return to_checksum_address(address)

    async def close(self) -> None:
        await self._rpc.close()

    async def ask(self, method: str, *params: Any) -> Any:
        """A question that the node has no reason to refuse.

        Raises:
            ChainAway
        """
        try:
            return await self._rpc.ask(method, *params)
        except RpcError as error:
            raise ChainAway(f"{method}: {error.message}") from error


def says_paid(receipt: Mapping[str, Any], contract: str, payer: str) -> bool:
    """Whether the contract of a token says in this transaction's log that this account paid."""
    return any(
        entry["address"].lower() == contract.lower()
        and _is_transfer(entry)
        and entry["topics"][1][-40:].lower() == payer[-40:].lower()
        for entry in receipt["logs"]
    )


def _ref(block: Mapping[str, Any]) -> BlockRef:
    return BlockRef(int(block["number"], 16), block["hash"], block["parentHash"])


def _at(block_hash: str) -> Mapping[str, str]:
    """One block and no other, for questions about its state (EIP-1898)."""
    return {"blockHash": block_hash}


def _word(told: str) -> int | None:
    """The first word of an answer; None where there is none."""
    return int(told[: 2 + _WORD], 16) if len(told) >= 2 + _WORD else None


def _is_transfer(entry: Mapping[str, Any]) -> bool:
    return len(entry["topics"]) == 3 and entry["topics"][0] == _TRANSFER and len(entry["data"]) == 2 + _WORD


def _reverted(error: RpcError) -> bool:
    """Told apart from a node that is busy, behind, or has limits of its own."""
    text = error.message.lower()
    return error.code == _REVERTED or "revert" in text or "invalid opcode" in text or "gas required exceeds" in text


def _offered(raw: bytes) -> _Offer:
    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return _Offer(fields["gas"], fields["maxFeePerGas"], fields["maxPriorityFeePerGas"])
