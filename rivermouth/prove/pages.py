"""Visits to the console with a real Chromium: one person, one language, one theme, and everything that went wrong on the way.

Playwright drives the Chromium of the distribution; no other host can be reached, so a page that wants one is found out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from rivermouth.prove.stack import DOMAIN, PASSWORD
from tools import system_packages

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]  # fmt: skip
SERIOUS = {"serious", "critical"}
EXPECTED = 401  # whoever is not logged in asks who they are


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window.

    Raises:
        RuntimeError: this machine has none.
    """
    found = system_packages.chromium()
    if found is None:
        raise RuntimeError(f"no Chromium: {system_packages.install_line()}")
    path, environment = found
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env={**os.environ, **environment} if environment else None
        )
        yield opened
        opened.close()


class Visit:
    """One person at one window."""

    def __init__(
        self, browser: Browser, base: str, name: str, *, language: str, theme: str, width: int, height: int
    ) -> None:
        self.base, self.name = base, name
        self.troubles: list[str] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", timezone_id="UTC", reduced_motion="reduce"
        )
        settings = {"language": language, "theme": theme, "zone": "utc", "rise": "green", "confirmOrders": False}
        key, value = json.dumps("rivermouth.settings"), json.dumps(json.dumps(settings))
        self._context.add_init_script(f"localStorage.getItem({key}) ?? localStorage.setItem({key}, {value})")
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.name}: {error}"))
        self.page.on("request", self._request)
        self.page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and f"status of {EXPECTED}" not in message.text:
            self.troubles.append(f"{self.name} {self.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"localhost", "127.0.0.1"}:
            self.troubles.append(f"{self.name}: asked {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{self.name}: {request.url} {request.failure}")

    def login(self, path: str = "/") -> Page:
        """Through the form, as a person does; lands at `path`."""
        self.page.goto(self.base + path)
        self.page.locator("input[type=email]").fill(f"{self.name}@{DOMAIN}")
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.locator("[data-testid=connection][data-status=live]").wait_for()
        return self.page

    def go(self, path: str) -> Page:
        """To another room; what it loads first has come when nothing is marked as loading any more."""
        self.page.goto(self.base + path)
        self.settle()
        return self.page

    def settle(self) -> None:
        self.page.locator("[data-testid=connection][data-status=live]").wait_for()
        self.page.locator("main h1").first.wait_for()
        self.page.wait_for_function("() => document.querySelector('main .skeleton') === null")

    def raw_keys(self) -> list[str]:
        """Texts that look like keys of a translation that is missing."""
        found: list[str] = self.page.evaluate(
            """() => {
                const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                for (let node = texts.nextNode(); node !== null; node = texts.nextNode())
                  if (node.parentElement.closest('script, style, code, pre, input') === null) found.push(node.textContent.trim());
                return found.filter(text => /^[a-z_]+(:[a-z_]+)?(\\.[A-Za-z0-9_]+)+$/.test(text));
            }"""
        )
        return found

    def violations(self) -> list[str]:
        """What axe finds serious or critical."""
        answer: dict[str, Any] = Axe().run(self.page).response
        return [
            f"{self.name} {self.page.url}: {v['id']} ({v['impact']}) {[node['target'] for node in v['nodes']][:3]}"
            for v in answer["violations"]
            if v["impact"] in SERIOUS
        ]

    def sideways(self) -> bool:
        """Whether the page as a whole scrolls sideways; tables may, inside themselves."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )
        return wide

    def close(self) -> None:
        self._context.close()
