"""What is done with balances on time: a sample of every house's every few minutes, and old ones forgotten."""

from __future__ import annotations

from datetime import datetime

from kernel import log
from wallet_bridge.levels import service

_log = log.get("treasury")


def sample(due: datetime) -> None:
    """One house that fails keeps no other waiting; its error is raised in the end."""
    failed: list[Exception] = []
    for tenant in service.houses():
        try:
            service.sample(tenant, due)
        except Exception as error:  # noqa: BLE001  the others are sampled all the same
            _log.error("sample_failed", tenant=str(tenant), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]


def forget(_due: datetime) -> None:
    service.forget_old()
