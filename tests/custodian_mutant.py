"""The mutation that every proof of "paid exactly once" must find: a custodian that shows its bytes to the node before they are stored."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from rivermouth.cli import main
from wallet_bridge.custodian.chains.evm import EvmChain, Fees
from wallet_bridge.custodian.chains.port import Payment, Signed

_sign = EvmChain.sign


def _sign_and_send(self: EvmChain, materials: Fees, payment: Payment) -> Signed:
    made = _sign(self, materials, payment)
    body: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "eth_sendRawTransaction",
        "params": ["0x" + made.raw.hex()],
    }
    asked = urllib.request.Request(self.network.rpc, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(asked, timeout=10).close()
    return made


if __name__ == "__main__":
    EvmChain.sign = _sign_and_send  # type: ignore[method-assign]
    main()
