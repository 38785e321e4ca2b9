"""Keys by derivation (BIP 32) from one seed: what is handed out needs public keys only, what pays needs the seed.

deposit addresses   m/root/0'/0/index
hot wallet          m/root/1'/0/0      `root` is of the network: 44'/60' (EVM), 84'/coin' (UTXO)
"""

from __future__ import annotations

from dataclasses import dataclass

from embit import bip32

DEPOSITS, HOT = 0, 1


@dataclass(frozen=True, slots=True)
class Watch:
    """One branch by its extended public key: addresses can be made from it, payments can not."""

    xpub: str

    def public_key(self, index: int) -> bytes:
        """Compressed, 33 bytes."""
        key: bytes = bip32.HDKey.from_string(self.xpub).derive([index]).key.sec()
        return key


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything the custodian can sign with. Never logged, never sent."""

    secret: bytes

    def __repr__(self) -> str:
        return "Seed(…)"

    def watch(self, root: str, branch: int) -> Watch:
        return Watch(self._branch(root, branch).to_public().to_base58())

    def private_key(self, root: str, branch: int, index: int) -> bytes:
        key: bytes = self._branch(root, branch).derive([index]).key.secret
        return key

    def _branch(self, root: str, branch: int) -> bip32.HDKey:
        return bip32.HDKey.from_seed(self.secret).derive(f"m/{root}/{branch}h/0")
