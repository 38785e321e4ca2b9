"""Addresses of chains of outputs: those of the network that is configured, and of no other."""

from __future__ import annotations

import pytest

from wallet_bridge.custodian.chains import scripts
from wallet_bridge.custodian.networks import Utxo

BITCOIN = Utxo(coin=0, hrp="bc", p2pkh=0, p2sh=5)
LITECOIN = Utxo(coin=2, hrp="ltc", p2pkh=48, p2sh=50)

# Of BIP 173, 350 and 142.
GOOD = [
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
]
BAD = [
    "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",  # another network
    "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
    "LQ3B5Yj6PCKXTnR3PdDqCKRJUu8Mdy1TRe",
    "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",  # checksum
    "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",  # cases mixed
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # version 1 with the checksum of version 0
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",  # version 0 with the checksum of version 1
    "BC1SW50QGDZ25J",  # version 16, which nobody can spend from
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",  # version 2
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",  # 40 bytes of version 1
    "bc1gmk9yu",
    "bc1",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
    "11BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    " 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\n",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVNO0",
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",  # a private key
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "",
    "1",
    "１BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "bc1q" + "q" * 200,
]


@pytest.mark.parametrize("address", GOOD)
def test_an_address_is_read_and_written_the_same_way(address):
    script = scripts.of_address(BITCOIN, address)
    assert script is not None
    assert scripts.address_of(BITCOIN, script.data) == (address.lower() if address.startswith("BC1") else address)


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address_of_the_network_is_refused(address):
    assert scripts.of_address(BITCOIN, address) is None


@pytest.mark.parametrize("address", GOOD)
def test_addresses_of_bitcoin_are_none_of_litecoin(address):
    assert scripts.of_address(LITECOIN, address) is None


@pytest.mark.parametrize("script", ["", "6a", "51", "5120" + "00" * 31, "0014" + "00" * 19, "5220" + "00" * 32])
def test_scripts_without_an_address_have_none(script):
    assert scripts.address_of(BITCOIN, bytes.fromhex(script)) is None
