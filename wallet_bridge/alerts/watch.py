"""Every few seconds: what every place holds, against its lines. What a house is told of at a moment comes from one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from kernel import db, log
from wallet_bridge.alerts import rules, service
from wallet_bridge.alerts.service import Watched
from wallet_bridge.alerts.states import EVERYTHING, Kind
from wallet_bridge.levels import service as levels
from wallet_bridge.levels.service import Balance
from wallet_bridge.lines.states import BalanceLevel

SILENT_TOO_LONG = timedelta(minutes=15)
"""After a report was due: then a place that says nothing is a critical matter."""
_log = log.get("treasury")


def watch(_due: datetime) -> None:
    """One house that fails keeps no other waiting; its error is raised in the end."""
    failed: list[Exception] = []
    for tenant in levels.houses():
        try:
            with db.read_only(tenant=tenant, repeatable=True) as tx:
                seen = watched(levels.overview(tx))
            with db.transaction(tenant=tenant) as tx:
                service.watch(tx, seen)
        except Exception as error:  # noqa: BLE001  the others are watched all the same
            _log.error("watch_failed", tenant=str(tenant), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]


def watched(balances: list[Balance]) -> list[Watched]:
    """Each balance against its line, and each place by whether it still speaks."""
    seen = [_against_line(balance) for balance in balances]
    for location in sorted({balance.location for balance in balances}):
        ages = [b.overdue for b in balances if b.location == location and b.overdue is not None]
        if ages:
            seen.append(_speaks(location, min(ages)))
    return seen


def _against_line(balance: Balance) -> Watched:
    sight = rules.sight(balance.usable, balance.line)
    if balance.level is BalanceLevel.UNKNOWN:
        sight = rules.Sight(BalanceLevel.UNKNOWN, BalanceLevel.UNKNOWN)
    line = balance.line
    enough = None if line is None else line.critical if sight.level is BalanceLevel.CRITICAL else line.warning
    return Watched(balance.location, balance.asset, Kind.LINE, sight, balance.usable, enough)


def _speaks(location: str, overdue: timedelta) -> Watched:
    """`overdue`: for how long its newest report has been too old; below zero when it is not."""
    level = BalanceLevel.OK
    if overdue > timedelta(0):
        level = BalanceLevel.CRITICAL if overdue > SILENT_TOO_LONG else BalanceLevel.WARNING
    return Watched(location, EVERYTHING, Kind.STALE, rules.Sight(level, level), Decimal(0), None)
