"""Three people who hold a cold wallet in tests, each with a key of their own that the custodian never sees."""

from __future__ import annotations

import os

from wallet_bridge.custodian.localnet import holders


def Holders() -> holders.Holders:  # noqa: N802  made anew by each test
    return holders.Holders.of([os.urandom(32) for _ in range(holders.MANY)])
