"""The file of networks says of each what its kind needs, and nothing of the other kind."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from wallet_bridge.custodian import networks

PREFIXES = {"coin": 2, "hrp": "ltc", "p2pkh": 48, "p2sh": 50}
EVM = {
    "kind": "evm",
    "rpc": "http://127.0.0.1:1",
    "native": "ETH",
    "assets": {"ETH": {"decimals": 18}},
    "confirmations": 1,
    "chain_id": 1,
}
UTXO = {
    "kind": "utxo", "rpc": "http://127.0.0.1:1", "native": "LTC", "assets": {"LTC": {"decimals": 8}}, "confirmations": 1, "utxo": PREFIXES,
}  # fmt: skip


def read(tmp_path, network):
    file = tmp_path / "networks.json"
    file.write_text(json.dumps({"n": network}))
    return networks.read(file)["n"]


def test_each_kind_has_keys_of_its_own(tmp_path):
    roots = {read(tmp_path, one).root for one in (EVM, UTXO, UTXO | {"utxo": PREFIXES | {"coin": 0}})}
    assert roots == {"44h/60h", "84h/2h", "84h/0h"}


@pytest.mark.parametrize(
    "wrong",
    [
        EVM | {"chain_id": None},
        EVM | {"utxo": PREFIXES},
        UTXO | {"utxo": None},
        UTXO | {"chain_id": 1},
        UTXO | {"assets": {"LTC": {"decimals": 8}, "OMNI": {"decimals": 8}}},
        UTXO | {"utxo": PREFIXES | {"hrp": "LTC"}},
        UTXO | {"utxo": PREFIXES | {"p2sh": 256}},
        UTXO | {"utxo": PREFIXES | {"dust": "0"}},
        UTXO | {"kind": "tron"},
    ],
)
def test_what_does_not_fit_its_kind_is_refused(tmp_path, wrong):
    with pytest.raises(ValidationError):
        read(tmp_path, wrong)
