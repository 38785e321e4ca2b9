"""Three people who hold a cold wallet in tests, each with a key of their own that the custodian never sees."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from embit.bip32 import HDKey
from embit.networks import NETWORKS
from embit.psbt import PSBT

from wallet_bridge.custodian.chains.scripts import address_of
from wallet_bridge.custodian.cold.wallet import ColdWallet
from wallet_bridge.custodian.localnet.litecoin import PREFIXES
from wallet_bridge.custodian.networks import Utxo

PATH = "48h/1h/0h/2h"


@dataclass
class Holders:
    roots: list[HDKey] = field(default_factory=lambda: [HDKey.from_seed(os.urandom(32)) for _ in range(3)])

    @property
    def descriptor(self) -> str:
        """Two of them are enough."""
        keys = []
        for root in self.roots:
            public = root.derive(f"m/{PATH}").to_public().to_base58(version=NETWORKS["regtest"]["xpub"])
            keys.append(f"[{root.my_fingerprint.hex()}/{PATH}]{public}/0/*")
        return f"wsh(sortedmulti(2,{','.join(keys)}))"

    @property
    def address(self) -> str:
        found = address_of(Utxo.model_validate(PREFIXES), ColdWallet(self.descriptor).script.data)
        assert found is not None
        return found

    def sign(self, number: int, psbt: str) -> str:
        """As a signer's device does, which knows its own keys by the paths in the draft."""
        made = PSBT.from_base64(psbt)
        assert made.sign_with(self.roots[number]) > 0
        text: str = made.to_base64()
        return text
