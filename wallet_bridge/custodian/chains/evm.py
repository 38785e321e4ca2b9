"""An EVM chain by its JSON-RPC: the own coin, and tokens of the contracts that are named (ERC-20), read from their Transfer logs.

Tokens count by what the log of a transaction that succeeded says, never by what its calldata asked for. Payments are EIP-1559, with nonces
that the custodian hands out itself. What contracts send of the own coin inside a call is no deposit: it appears in no transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wallet_bridge.custodian.chains.eth import (
    Account,
    PublicKey,
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
)
from wallet_bridge.custodian.chains.rpc import Rpc, RpcError
from wallet_bridge.custodian.chains.units import from_units, to_units
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.networks import Network

_TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
_BALANCE_OF, _SEND = keccak(text="balanceOf(address)")[:4].hex(), keccak(text="transfer(address,uint256)")[:4].hex()
COIN_GAS, TOKEN_GAS = 21_000, 100_000
TOKEN_OUTPUT = 1  # output 0 is the coin itself; a log is its index + 1
_WORD = 64
_LARGEST = 10**38


@dataclass(frozen=True, slots=True)
class Fees:
    """In wei: of gas now, and the payer's coins. `tokens` in the units of each contract."""

    base: int
    tip: int
    coins: int
    tokens: Mapping[str, int]


class EvmChain:
    """A node of the network; `seed` None where this process only reads."""

    def __init__(self, network: Network, seed: Seed | None = None) -> None:
        self.network, self._seed, self._rpc = network, seed, Rpc(network.rpc)
        self._tokens = {asset.contract.lower(): name for name, asset in network.assets.items() if asset.contract}

    # Reading -------------------------------------------------------------------------------------------------------------------

    async def tip(self) -> BlockRef:
        return _ref(await self._ask("eth_getBlockByNumber", "latest", False))

    async def block_ref(self, height: int) -> BlockRef | None:
        found = await self._ask("eth_getBlockByNumber", hex(height), False)
        return None if found is None else _ref(found)

    async def block(self, height: int) -> Block:
        """Raises: ChainAway, also where the block changed while it was read."""
        found = await self._ask("eth_getBlockByNumber", hex(height), True)
        if found is None:
            raise ChainAway("the block is gone")
        receipts = await self._ask("eth_getBlockReceipts", hex(height))
        if receipts is None or any(one["blockHash"] != found["hash"] for one in receipts):
            raise ChainAway("the block changed while it was read")
        good = {one["transactionHash"]: one for one in receipts if int(one["status"], 16) == 1}
        incoming: list[Incoming] = []
        for transaction in found["transactions"]:
            receipt = good.get(transaction["hash"])
            if receipt is not None:
                incoming += self._coins(transaction)
                incoming += self._tokens_of(receipt)
        return Block(_ref(found), incoming)

    def _coins(self, transaction: Mapping[str, Any]) -> Iterator[Incoming]:
        value = int(transaction["value"], 16)
        if value and transaction.get("to"):
            amount = from_units(value, self.network.assets[self.network.native].decimals)
            yield Incoming(transaction["hash"], 0, self.network.native, amount, to_checksum_address(transaction["to"]))

    def _tokens_of(self, receipt: Mapping[str, Any]) -> Iterator[Incoming]:
        # The number of a log in its block changes with the block; its place in the transaction does not.
        for place, entry in enumerate(receipt["logs"]):
            name = self._tokens.get(entry["address"].lower())
            topics = entry["topics"]
            if name is None or len(topics) != 3 or topics[0] != _TRANSFER:
                continue
            units = int(entry["data"], 16) if len(entry["data"]) > 2 else 0
            if 0 < units < _LARGEST:
                amount = from_units(units, self.network.assets[name].decimals)
                to = to_checksum_address("0x" + topics[2][-40:])
                yield Incoming(receipt["transactionHash"], TOKEN_OUTPUT + place, name, amount, to)

    async def locate(self, txid: str) -> Located:
        receipt = await self._ask("eth_getTransactionReceipt", txid)
        if receipt is not None:
            paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
            fee = from_units(paid, self.network.assets[self.network.native].decimals)
            return Mined(int(receipt["blockNumber"], 16), receipt["blockHash"], fee, int(receipt["status"], 16) == 1)
        return Gone() if await self._ask("eth_getTransactionByHash", txid) is None else Waiting()

    async def first_nonce(self, payer: str) -> int | None:
        return int(await self._ask("eth_getTransactionCount", payer, "latest"), 16)

    async def nonce_spent(self, payer: str, nonce: int) -> bool:
        height = (await self.tip()).height - self.network.confirmations + 1
        if height < 0:
            return False
        return int(await self._ask("eth_getTransactionCount", payer, hex(height)), 16) > nonce

    async def balances(self, address: str) -> Mapping[str, Decimal]:
        coins, tokens = await self._held(address)
        found = {name: from_units(units, self.network.assets[name].decimals) for name, units in tokens.items()}
        return found | {self.network.native: from_units(coins, self.network.assets[self.network.native].decimals)}

    async def _held(self, address: str) -> tuple[int, Mapping[str, int]]:
        coins = int(await self._ask("eth_getBalance", address, "latest"), 16)
        question = "0x" + _BALANCE_OF + address.lower().removeprefix("0x").rjust(_WORD, "0")
        tokens = {}
        for contract, name in self._tokens.items():
            told = await self._ask("eth_call", {"to": contract, "data": question}, "latest")
            tokens[name] = int(told, 16) if len(told) > 2 else 0
        return coins, tokens

    # Paying --------------------------------------------------------------------------------------------------------------------

    async def materials(self, payer: str) -> Fees:
        latest = await self._ask("eth_getBlockByNumber", "latest", False)
        tip = int(await self._ask("eth_maxPriorityFeePerGas"), 16)
        coins, tokens = await self._held(payer)
        return Fees(int(latest["baseFeePerGas"], 16), tip, coins, tokens)

    def sign(self, materials: Fees, payment: Payment) -> Signed:
        assert self._seed is not None, "this process has no keys"
        contract = self.network.asset(payment.asset).contract
        gas = COIN_GAS if contract is None else TOKEN_GAS
        price = self._price(materials, payment, gas)
        units = to_units(payment.amount, self.network.asset(payment.asset).decimals)
        self._require_funds(materials, payment, units, gas * price)
        key = self._seed.private_key(self.network.root, payment.branch, payment.index)
        to, value, data = (
            (payment.address, units, "0x") if contract is None else (contract, 0, _call(payment.address, units))
        )
        made = Account.sign_transaction(
            {
                "type": 2, "chainId": self.network.chain_id, "nonce": payment.nonce, "to": to_checksum_address(to), "value": value,
                "data": data, "gas": gas, "maxFeePerGas": price, "maxPriorityFeePerGas": min(price, self._tip(materials, payment)),
            },
            key,
        )  # fmt: skip
        fee = from_units(gas * price, self.network.assets[self.network.native].decimals)
        return Signed(bytes(made.raw_transaction), "0x" + made.hash.hex().removeprefix("0x"), fee, ())

    def _price(self, materials: Fees, payment: Payment, gas: int) -> int:
        """Per unit of gas, in wei: twice the base fee of now leaves room for six full blocks; never past the cap."""
        wanted = 2 * materials.base + self._tip(materials, payment)
        decimals = self.network.assets[self.network.native].decimals
        if payment.instead_of is not None:
            outbid = to_units(payment.instead_of, decimals) * 9 // (8 * gas) + 1
            wanted = max(wanted, outbid)
        if gas * wanted > to_units(payment.fee_cap, decimals):
            raise CannotPay("the network's fee is above the cap of this transfer")
        return wanted

    def _tip(self, materials: Fees, payment: Payment) -> int:
        usual = max(materials.tip, 1)
        return usual if payment.instead_of is None else usual * 9 // 8 + 1

    def _require_funds(self, materials: Fees, payment: Payment, units: int, fee: int) -> None:
        coins = materials.coins - self._leaving(payment, self.network.native)
        if payment.asset == self.network.native:
            enough = coins >= units + fee
        else:
            enough = coins >= fee and materials.tokens[payment.asset] - self._leaving(payment, payment.asset) >= units
        if not enough:
            raise CannotPay("the wallet does not hold enough")

    def _leaving(self, payment: Payment, asset: str) -> int:
        return to_units(payment.leaving.get(asset, Decimal(0)), self.network.assets[asset].decimals)

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

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.ask(method, *params)
        except RpcError as error:
            raise ChainAway(f"{method}: {error.message}") from error


def _ref(block: Mapping[str, Any]) -> BlockRef:
    return BlockRef(int(block["number"], 16), block["hash"], block["parentHash"])


def _call(to: str, units: int) -> str:
    return "0x" + _SEND + to.lower().removeprefix("0x").rjust(_WORD, "0") + f"{units:0{_WORD}x}"
