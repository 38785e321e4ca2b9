"""The holders of a cold wallet on a chain of one's own: three keys of people, which a real custodian never has on its machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embit.bip32 import HDKey
from embit.networks import NETWORKS
from embit.psbt import PSBT

from kernel import crypto
from wallet_bridge.custodian.chains.scripts import address_of
from wallet_bridge.custodian.cold.wallet import ColdWallet
from wallet_bridge.custodian.localnet.litecoin import PREFIXES
from wallet_bridge.custodian.networks import Utxo

PATH = "48h/1h/0h/2h"
MANY, ENOUGH = 3, 2


@dataclass(frozen=True, slots=True)
class Holders:
    roots: Sequence[HDKey]

    @classmethod
    def of(cls, seeds: Sequence[bytes]) -> Holders:
        return cls([HDKey.from_seed(seed) for seed in seeds])

    @classmethod
    def kept(cls, folder: Path) -> Holders:
        """Whose keys lie in a folder; made there at first."""
        files = [folder / f"holder{number}.keys" for number in range(1, MANY + 1)]
        return cls.of([next(iter(crypto.read_keys(crypto.own_list(file)).values())) for file in files])

    @property
    def descriptor(self) -> str:
        keys = []
        for root in self.roots:
            public = root.derive(f"m/{PATH}").to_public().to_base58(version=NETWORKS["regtest"]["xpub"])
            keys.append(f"[{root.my_fingerprint.hex()}/{PATH}]{public}/0/*")
        return f"wsh(sortedmulti({ENOUGH},{','.join(keys)}))"

    @property
    def address(self) -> str:
        found = address_of(Utxo.model_validate(PREFIXES), ColdWallet(self.descriptor).script.data)
        assert found is not None
        return found

    def sign(self, number: int, psbt: str) -> str:
        """As a signer's device does, which knows its own keys by the paths in the draft.

        Raises:
            ValueError: this is no PSBT, or nothing in it is this holder's to sign.
        """
        made = PSBT.from_base64(psbt)
        if made.sign_with(self.roots[number]) == 0:
            raise ValueError("nothing in this PSBT is this holder's to sign")
        text: str = made.to_base64()
        return text
