"""A real Chromium in front of the whole product. A page that writes an error, asks another host or loses a request fails its test."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from rivermouth.prove import pages
from rivermouth.prove.stack import free_port, running
from tools import system_packages

expect.set_options(timeout=60_000)  # five seconds are less than a machine of tests may stand still


@pytest.fixture(scope="package")
def demo():
    """Not of the session: it would go on beside all tests that come after these, and takes a third of a core."""
    with running(env={"RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS": f"127.0.0.1:{free_port()}"}) as stack:
        yield stack


@pytest.fixture(scope="module")
def browser():
    """Not of the session: while Playwright is open its event loop runs in this thread, and no other test could start one."""
    if system_packages.chromium() is None:
        system_packages.not_run(f"browser tests: no Chromium here; {system_packages.install_line()}")
    with pages.browser() as opened:
        yield opened


@pytest.fixture
def visitor(browser, demo):
    """Opens pages of one person; at the end every page must have been clean."""
    made = []

    def visit(name, *, language="en", theme="dark", width=1280, height=900):
        address = f"http://localhost:{urlsplit(demo.base).port}"
        opened = pages.Visit(browser, address, name, language=language, theme=theme, width=width, height=height)
        made.append(opened)
        return opened

    yield visit
    troubles = [trouble for one in made for trouble in one.troubles]
    for one in made:
        one.close()
    assert troubles == []
