"""The mutation that every proof of "paid exactly once" must find: a custodian that shows its bytes to the node before they are stored."""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rivermouth.cli import main
from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import Payment, Signed
from wallet_bridge.custodian.chains.utxo import UtxoChain

_sign_evm, _sign_utxo = EvmChain.sign, UtxoChain.sign


def _moved() -> int:
    """Fees move from one start to the next: at the same fee the same payment would make the same bytes, and all would be well by luck."""
    return os.getpid() % 32_768 * 10


def _evm(self: EvmChain, materials: Any, payment: Payment) -> Signed:
    made = _sign_evm(self, replace(materials, tip=materials.tip + _moved()), payment)
    _send(self.network.rpc, "eth_sendRawTransaction", "0x" + made.raw.hex())
    return made


def _utxo(self: UtxoChain, materials: Any, payment: Payment) -> Signed:
    made = _sign_utxo(self, replace(materials, rate=materials.rate + _moved()), payment)
    _send(self.network.rpc, "sendrawtransaction", made.raw.hex())
    return made


def _send(node: str, method: str, raw: str) -> None:
    parts = urlsplit(node)
    headers = {"Content-Type": "application/json"}
    if parts.username:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [raw]}).encode()
    asked = urllib.request.Request(f"http://{parts.hostname}:{parts.port}", body, headers)
    urllib.request.urlopen(asked, timeout=10).close()


def change() -> None:
    """What has imported this module sends before it stores from now on."""
    EvmChain.sign = _evm  # type: ignore[method-assign]
    UtxoChain.sign = _utxo  # type: ignore[method-assign]


if __name__ == "__main__":
    change()
    main()
