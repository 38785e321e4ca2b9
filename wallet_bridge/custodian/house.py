"""What this custodian serves, as one value: its networks, the chain behind each, the public keys it hands addresses out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import Chain
from wallet_bridge.custodian.chains.utxo import UtxoChain
from wallet_bridge.custodian.errors import NetworkUnknown
from wallet_bridge.custodian.keys import DEPOSITS, HOT, Seed, Watch
from wallet_bridge.custodian.networks import Network, Networks


@dataclass(frozen=True, slots=True)
class House:
    """One process's view; `hots` are the addresses of the hot wallets."""

    networks: Networks
    chains: Mapping[str, Chain]
    watches: Mapping[str, Watch]
    hots: Mapping[str, str]

    def network(self, name: str) -> Network:
        """Raises: NetworkUnknown."""
        found = self.networks.get(name)
        if found is None:
            raise NetworkUnknown
        return found

    def chain(self, name: str) -> Chain:
        return self.chains[name]

    def hot(self, name: str) -> str:
        return self.hots[name]

    async def close(self) -> None:
        for chain in self.chains.values():
            await chain.close()


def build(networks: Networks, seed: Seed) -> House:
    """Chains that can sign."""
    chains = {name: _chain(name, network, seed) for name, network in networks.items()}
    watches = {name: seed.watch(network.root, DEPOSITS) for name, network in networks.items()}
    hots = {
        name: chains[name].address_of(seed.watch(network.root, HOT).public_key(0)) for name, network in networks.items()
    }
    return House(networks, chains, watches, hots)


def _chain(name: str, network: Network, seed: Seed) -> Chain:
    return EvmChain(network, seed) if network.utxo is None else UtxoChain(name, network, seed)
