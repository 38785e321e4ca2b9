"""A picture of every screen: each room of each role, both languages, both themes, and the width of a phone; axe looks at each.

The pictures go to a folder that is not part of the repository; the report says what was visited and what was found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rivermouth import demo_wallet
from rivermouth.prove import pages
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack, running

ROOMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "retail",
        (
            "/trade/BTC-USDT",
            "/orders",
            "/wallet",
            "/reserves",
            "/deposit",
            "/withdraw",
            "/address-book",
            "/alerts",
            "/fees",
            "/earn",
            "/keys",
            "/webhooks",
            "/inbox",
            "/security",
            "/identity",
            "/apps",
            "/device",
        ),
    ),
    (
        "treasury",
        (
            "/treasury",
            "/treasury/withdrawals",
            "/treasury/transfers",
            "/treasury/addresses",
            "/treasury/cold",
            "/treasury/exposure",
            "/treasury/venues",
            "/treasury/revenue",
            "/treasury/alerts",
            "/treasury/report",
            "/treasury/controls",
            "/treasury/decisions",
            "/reserves",
            "/channels",
        ),
    ),
    (
        "finance",
        (
            "/finance",
            "/finance/seals",
            "/finance/journal",
            "/finance/transfers",
            "/finance/trial-balance",
            "/finance/reconciliation",
            "/finance/payment-orders",
            "/finance/exports",
            "/finance/imports",
            "/approvals",
        ),
    ),
    ("auditor", ("/audit", "/roles", "/approvals", "/house")),
    ("admin", ("/sandbox", "/security", "/house", "/programs", "/staff", "/channels", "/customers")),
    ("compliance", ("/kyc", "/security", "/customers", "/approvals", "/treasury/deposits")),
    ("support", ("/customers",)),
    (
        "product",
        (
            "/lending/products",
            "/lending/products/new",
            "/lending/book",
            "/lending/stress",
            "/lending/liquidations",
            "/lending/prices",
            "/lending/funding",
            "/fixed-income",
            "/fixed-income/templates/new",
            "/fixed-income/calendar",
            "/fixed-income/liabilities",
            "/fixed-income/coupons",
            "/fixed-income/coupons/new",
            "/fixed-income/subscriptions",
            "/fixed-income/payouts",
        ),
    ),
)
WIDTHS = ((1280, 900), (390, 844))
LANGUAGES = ("en", "zh")
THEMES = ("dark", "light")


@dataclass(frozen=True, slots=True)
class Look:
    language: str
    theme: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


def looks() -> Iterator[Look]:
    for width, height in WIDTHS:
        for theme in THEMES:
            for language in LANGUAGES:
                yield Look(language, theme, width, height)


def prove(*, pictures: Path, folder: Path | None = None) -> int:
    """Visit all of it and leave the pictures in `pictures`."""
    columns = (
        "role",
        "room",
        "pictures",
        "seconds",
        "serious findings of axe",
        "errors, other hosts, raw keys, sideways",
    )
    report = Report("screens", "a picture of every screen", columns)
    report.notes.append(f"each room in {len(LANGUAGES)} languages × {len(THEMES)} themes × {len(WIDTHS)} widths")
    pictures.mkdir(parents=True, exist_ok=True)
    with running(env={demo_wallet.SWITCH: "on"}) as stack, pages.browser() as browser:
        _make_life(stack)
        base = f"http://localhost:{urlsplit(stack.base).port}"
        for name, paths in ROOMS:
            found = {path: _Found() for path in paths}
            for look in looks():
                visit = pages.Visit(
                    browser, base, name, language=look.language, theme=look.theme, width=look.width, height=look.height
                )
                visit.login(paths[0])
                for path in paths:
                    _look(visit, path, pictures / f"{name}{path.replace('/', '-')}-{look}.png", found[path])
                visit.close()
            for path, seen in found.items():
                report.row(name, path, seen.pictures, f"{seen.seconds:.0f}", len(seen.violations), len(seen.troubles))
                report.require(not seen.violations, f"{path}: {seen.violations[:2]}")
                report.require(not seen.troubles, f"{path}: {seen.troubles[:2]}")
    return report.finish(folder)


class _Found:
    def __init__(self) -> None:
        self.pictures, self.seconds = 0, 0.0
        self.violations: list[str] = []
        self.troubles: list[str] = []


def _look(visit: pages.Visit, path: str, picture: Path, seen: _Found) -> None:
    began = time.monotonic()
    visit.go(path)
    visit.page.screenshot(path=picture, full_page=True)
    seen.pictures += 1
    seen.violations += visit.violations()
    seen.troubles += [*visit.troubles, *(f"raw key {key} at {picture.name}" for key in visit.raw_keys())]
    if visit.sideways():
        seen.troubles.append(f"the page scrolls sideways at {picture.name}")
    visit.troubles.clear()
    seen.seconds += time.monotonic() - began


def _make_life(stack: Stack) -> None:
    """Something to look at: trades, resting orders, a subscription."""
    for side in ("buy", "sell"):
        stack.retail.order(symbol="BTC-USDT", side=side, type="market", quantity="0.01", venue="best")
    stack.retail.order(symbol="BTC-USDT", side="buy", type="limit", quantity="0.02", limit_price="50000", venue="best")
    stack.retail.order(symbol="ETH-USDT", side="buy", type="market", quantity="0.5", venue="best")
    stack.retail.order(
        symbol="ETH-USDT", side="sell", type="limit", quantity="0.4", limit_price="3600", venue="binance"
    )
    offer = stack.retail.get("/v1/earn/instances?open=true")["items"][0]
    wish = {"instance_id": offer["id"], "principal": offer["minimum"]}
    stack.retail.post(
        "/v1/earn/subscriptions", wish | {"expected_apr": offer["apr"], "expected_version": offer["version"]}
    )
