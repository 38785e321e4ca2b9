"""Addresses of chains of outputs: what one pays to, by the prefixes of its network; an address of any other network is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embit import base58, bech32
from embit.script import Script

if TYPE_CHECKING:
    from wallet_bridge.custodian.networks import Utxo

_HASH = 20
_SCRIPT_HASH = 32


def of_address(prefixes: Utxo, address: str) -> Script | None:
    """What pays it; None where it is no address of this network, or of a kind that nobody can spend from by now."""
    return (
        _segwit(prefixes, address)
        if "1" in address and _looks_segwit(prefixes, address)
        else _base58(prefixes, address)
    )


def address_of(prefixes: Utxo, script: bytes) -> str | None:
    """None where it has no address."""
    found = Script(script)
    if found.script_type() is None:
        return None
    network = {"p2pkh": bytes([prefixes.p2pkh]), "p2sh": bytes([prefixes.p2sh]), "bech32": prefixes.hrp}
    address: str = found.address(network)
    return address


def _looks_segwit(prefixes: Utxo, address: str) -> bool:
    return address.lower().startswith(prefixes.hrp + "1")


def _segwit(prefixes: Utxo, address: str) -> Script | None:
    if address not in (address.lower(), address.upper()):
        return None
    version, program = bech32.decode(prefixes.hrp, address)
    fits = (version == 0 and len(program) in {_HASH, _SCRIPT_HASH}) or (version == 1 and len(program) == _SCRIPT_HASH)
    if not fits:
        return None
    return Script(bytes([0x50 + version if version else 0, len(program), *program]))


def _base58(prefixes: Utxo, address: str) -> Script | None:
    try:
        data = base58.decode_check(address)
    except ValueError:
        return None
    if len(data) != 1 + _HASH or base58.encode_check(data) != address:
        return None
    if data[0] == prefixes.p2pkh:
        return Script(b"\x76\xa9\x14" + data[1:] + b"\x88\xac")
    if data[0] == prefixes.p2sh:
        return Script(b"\xa9\x14" + data[1:] + b"\x87")
    return None
