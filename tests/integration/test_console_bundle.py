"""How the bundle is served: deep links, files for ever, nothing from outside, and never in the API's way."""

import asyncio
import functools
import gzip

import httpx
import pytest

from consoles.bundle import Console
from kernel.settings import Settings
from rivermouth.http import create_app


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>the page</title>")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "built.json").write_text("{}")
    script = tmp_path / "assets" / "index-abc.js"
    script.write_text("console.info('here')")
    (tmp_path / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(script.read_bytes()))
    (tmp_path.parent / "secret.txt").write_text("not for you")
    return tmp_path


@functools.cache
def api():
    return create_app(Settings(mode="sandbox"), readiness=[], lifespans=[])


def request(folder, method, path, headers):
    """One request to the API with the console in front."""

    async def once():
        transport = httpx.ASGITransport(app=Console(api(), folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


@pytest.fixture
def ask(bundle):
    return lambda path, accept="text/html,*/*", **more: request(bundle, "GET", path, {"accept": accept, **more})


@pytest.mark.parametrize("path", ["/", "/trade/BTC-USDT", "/no/such/place", "/v1x", "/docsy"])
def test_every_place_is_the_page(ask, path):
    answer = ask(path)
    assert (answer.status_code, "the page" in answer.text) == (200, True)
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/v1", "/v1/no-such", "/compat/nothing", "/udf/x", "/assets/gone-123.js"])
def test_what_is_the_apis_stays_the_apis(ask, path):
    answer = ask(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_programs_are_told_that_there_is_nothing(ask):
    assert ask("/nothing", accept="application/json").status_code == 404


def test_hashed_files_are_kept_and_packed(ask):
    plain = ask("/assets/index-abc.js", **{"accept-encoding": "identity"})
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in plain.headers
    packed = ask("/assets/index-abc.js", **{"accept-encoding": "br;q=1, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert (packed.text, packed.headers["vary"]) == (plain.text, "Accept-Encoding")
    assert packed.headers["content-type"].startswith("text/javascript")


def test_other_files_are_not_kept_for_ever(ask):
    assert ask("/favicon.svg").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt"]
)
def test_nothing_outside_the_bundle_is_served(ask, path):
    assert "not for you" not in ask(path).text


def test_what_the_build_notes_is_not_served(ask):
    assert "{}" not in ask("/built.json").text


def test_without_a_bundle_the_page_says_how_to_get_one(tmp_path):
    answer = request(tmp_path / "none", "GET", "/", {"accept": "text/html"})
    assert (answer.status_code, "./run console" in answer.text) == (503, True)
    assert request(tmp_path / "none", "GET", "/healthz", {}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_reaches_the_bundle(bundle, method):
    assert request(bundle, method, "/trade", {"accept": "text/html"}).status_code == 404
