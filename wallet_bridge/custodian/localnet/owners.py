"""Three people who own a Safe on a chain of one's own, with keys that its custodian never sees; in the demo these lie in its data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel import crypto
from wallet_bridge.custodian.chains.eth import Account, encode_typed_data

HOLDERS = 3
NEEDED = 2


@dataclass(frozen=True, slots=True)
class Owners:
    """By their private keys."""

    keys: Sequence[bytes]

    def __repr__(self) -> str:
        return "Owners(…)"

    @classmethod
    def kept(cls, folder: Path) -> Owners:
        """Those of the demo whose custodian has this folder; made where there are none."""
        files = [folder / f"owner-{number}.keys" for number in range(1, HOLDERS + 1)]
        return cls([next(iter(crypto.read_keys(crypto.own_list(file)).values())) for file in files])

    @property
    def addresses(self) -> list[str]:
        return [str(Account.from_key(key).address) for key in self.keys]

    def sign(self, number: int, to_sign: str) -> str:
        """As a wallet does that is shown typed data (`eth_signTypedData_v4`).

        Raises:
            ValueError: this is no typed data.
        """
        try:
            message = encode_typed_data(full_message=json.loads(to_sign))
        except (KeyError, TypeError) as error:
            raise ValueError("this is no typed data of EIP-712") from error
        return "0x" + bytes(Account.from_key(self.keys[number]).sign_message(message).signature).hex()
