"""What the first visit costs: the script of the trade page, as it goes over the line, stays small enough for a telephone's."""

import httpx
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]

MOST_BYTES = 250_000
LOADED = "() => performance.getEntriesByType('resource').filter(e => e.name.endsWith('.js')).map(e => e.name)"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_the_trade_page_loads_little_script(visitor, encoding):
    """From the empty cache through the login to the whole desk, in English with its chart."""
    visit = visitor("retail", width=1680)
    visit.login("/trade/BTC-USDT")
    visit.settle()
    visit.page.locator("canvas").first.wait_for()
    visit.page.wait_for_load_state("networkidle")
    addresses = set(visit.page.evaluate(LOADED))
    sizes = {}
    for address in addresses:
        with httpx.stream("GET", address, headers={"Accept-Encoding": encoding}) as answer:
            assert answer.headers["content-encoding"] == encoding, address
            sizes[address] = sum(len(part) for part in answer.iter_raw())
    assert any("TradePage" in address for address in sizes)
    assert any("charts" in address for address in sizes)
    assert sum(sizes.values()) <= MOST_BYTES, {address.rsplit("/", 1)[1]: size for address, size in sizes.items()}
