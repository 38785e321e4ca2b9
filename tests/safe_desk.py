"""A custodian in tests whose cold wallet is a real Safe of three owners, with keys that the custodian never sees."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.custodian_desk import FINAL, NETWORK, WEI, CustodianDesk, opened, with_tokens
from wallet_bridge.custodian.chains.safes import Safe, SafeTx, fields_of
from wallet_bridge.custodian.cold import service as cold
from wallet_bridge.custodian.localnet import CHAIN_ID, Anvil, packages
from wallet_bridge.custodian.localnet import safe as localnet
from wallet_bridge.custodian.localnet.owners import Owners
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.wire.schemas import ColdOut, TransferOut

APPROVALS = [{"by": "anna", "at": "2026-01-01T00:00:00Z"}, {"by": "ben", "at": "2026-01-01T00:01:00Z"}]


def fresh() -> Owners:
    return Owners([os.urandom(32) for _ in range(3)])


@dataclass
class SafeDesk:
    desk: CustodianDesk
    owners: Owners
    safe: Safe

    @property
    def anvil(self) -> Anvil:
        return self.desk.anvil

    @property
    def hot(self) -> str:
        return self.desk.house.hot(NETWORK)

    def take(self, amount: str = "2", **changed: Any) -> TransferOut:
        usual = {"source": "cold", "destination": {"type": "hot"}, "purpose": "treasury", "approvals": APPROVALS}
        return self.desk.take(self.desk.wish(amount, **(usual | changed)))

    def drafted(self, amount: str = "2", **changed: Any) -> tuple[TransferOut, ColdOut]:
        one = self.take(amount, **changed)
        self.desk.pay()
        return one, self.view(one)

    def view(self, one: TransferOut) -> ColdOut:
        return cold.view(self.desk.house, one.id)

    def hand_in(self, one: TransferOut, signed: str) -> ColdOut:
        return cold.hand_in(self.desk.house, one.id, signed)

    def cosigned(self, one: TransferOut, seen: ColdOut, by: Sequence[int] = (0, 1)) -> None:
        for number in by:
            self.hand_in(one, self.owners.sign(number, seen.to_sign))

    def told(self, one: TransferOut) -> TransferOut:
        return transfers.view(one.id)

    def mine(self, blocks: int = 1) -> None:
        self.anvil.mine(blocks)
        self.desk.read()
        self.desk.pay()

    def done(self, one: TransferOut) -> TransferOut:
        """Sent, and as many blocks as it takes."""
        self.desk.pay()
        self.mine()
        self.mine(FINAL)
        return self.told(one)

    def held(self) -> Decimal:
        return self.desk.held(self.safe.address)

    def outside(self, act: SafeTx | bytes, by: Sequence[int] = (0, 1)) -> Mapping[str, Any]:
        """What the owners do without us, handed in by somebody else: a receipt."""
        stored = act if isinstance(act, bytes) else act.encoded()
        to_sign = json.dumps(self.safe.to_sign(stored))
        signatures = {self.owners.addresses[one]: bytes.fromhex(self.owners.sign(one, to_sign)[2:]) for one in by}
        return localnet.sent(self.anvil, self.safe.address, self.safe.call(stored, signatures))

    def administer(self, method: str, kinds: Sequence[str], values: Sequence[Any], *, nonce: int = 0) -> None:
        """The Safe calls itself, as its owners want it."""
        done = self.outside(SafeTx(self.safe.address, 0, localnet.call(method, kinds, values), nonce))
        assert done["status"] == "0x1"

    def stored(self, seen: ColdOut) -> bytes:
        message = json.loads(seen.to_sign)["message"]
        return SafeTx(
            message["to"], int(message["value"]), bytes.fromhex(message["data"][2:]), seen.nonce or 0
        ).encoded()


def vault(anvil: Anvil, folder: Path, url: str, *, threshold: int = 2, coins: str = "10", **safe: Any) -> SafeDesk:
    """Its Safe holds these coins."""
    owners = fresh()
    packages(print)
    address = localnet.deployed(anvil, owners.addresses, threshold)
    anvil.ask("anvil_setBalance", address, hex(int(Decimal(coins) * WEI)))
    desk = opened(anvil, folder, url, cold=address, safe=safe, assets=with_tokens())
    desk.fund_hot()
    return SafeDesk(desk, owners, Safe(address, CHAIN_ID))


__all__ = ["APPROVALS", "SafeDesk", "fields_of", "fresh", "vault"]
