"""The iframe of a partner: its page gets the token from the page around it, at an allowed origin, and from nobody else. In a real browser."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from rivermouth import console
from tests import oauth_programs as programs
from tests.browser.conftest import browser

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SUBJECT = "customer-7"


@contextmanager
def site(pages):
    """A web site of somebody else: its own origin, a few pages that may change."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path.partition("?")[0], "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def key():
    return programs.partner_key()


@pytest.fixture(scope="module")
def scene(house, key, browser):
    """The partner's site, a foreign one, and the program that allows only the first."""
    console.ensure(print)
    partner_pages, foreign_pages = {}, {}
    with site(partner_pages) as partner, site(foreign_pages) as foreign:
        program = programs.embedding(house, key, origins=[partner])
        programs.vouched(house, program, subject=SUBJECT)
        yield house, program, (partner, partner_pages), (foreign, foreign_pages)


def frame_of(house, program):
    return f"<iframe id=ours name=ours src='{programs.issuer(house)}/embed?client_id={program['client_id']}&language=en'></iframe>"


def hand_over(token):
    """Once the frame listens, the page around it hands the token over."""
    message = json.dumps({"type": "rivermouth.token", "token": token})
    return f"""<script>addEventListener('message', event => {{
        if (event.data.type === 'rivermouth.ready') {{
            document.body.dataset.ready = 'yes';
            if (!document.querySelector('#other')) event.source.postMessage({message}, event.origin);
        }}
        if (event.data === 'posted') document.querySelector('#ours').contentWindow.postMessage({message}, '*');
    }});</script>"""


def new_token(house, key):
    return programs.signed(key, programs.claims(house, subject=SUBJECT))


def opened(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    return context, page


def test_31_the_page_around_it_at_an_allowed_origin_opens_it(scene, key, browser):
    house, program, (partner, pages), _foreign = scene
    pages["/"] = f"<!doctype html><body>{hand_over(new_token(house, key))}{frame_of(house, program)}"
    context, page = opened(browser)
    page.goto(partner + "/")
    inside = page.frame_locator("#ours")
    expect(inside.locator("main[data-state=open]")).to_be_visible(timeout=60_000)
    assert context.cookies() == []  # it lives in memory, and ends with the frame
    context.close()


def test_31_a_foreign_origin_cannot_frame_it(scene, key, browser):
    house, program, _partner, (foreign, pages) = scene
    token = new_token(house, key)
    pages["/"] = f"<!doctype html><body>{hand_over(token)}{frame_of(house, program)}"
    context, page = opened(browser)
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(foreign + "/")
    page.wait_for_function("() => document.querySelector('#ours') !== null")
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in text for text in refused), refused
    assert page.evaluate("document.body.dataset.ready") is None
    assert programs.exchange(house, program, token).status_code == 200, "nobody has used it"
    context.close()


def test_31_another_frame_on_the_partners_page_is_not_listened_to(scene, key, browser):
    house, program, (partner, pages), (foreign, foreign_pages) = scene
    stolen, own = new_token(house, key), new_token(house, key)
    message = json.dumps({"type": "rivermouth.token", "token": stolen})
    posting = f"""<!doctype html><body><script>
        parent.frames['ours'].postMessage({message}, '*'); parent.postMessage('posted', '*');</script>"""
    for where, name in ((foreign, foreign_pages), (partner, pages)):
        name["/other"] = posting
        other = (
            "<script>addEventListener('message', event => { if (event.data.type === 'rivermouth.ready') {"
            " const other = document.createElement('iframe'); other.id = 'other'; other.src = '" + where + "/other';"
            " document.body.append(other); } });</script>"
        )
        token = own if where == foreign else new_token(house, key)
        pages["/"] = f"<!doctype html><body>{other}{hand_over(token)}{frame_of(house, program)}"
        context, page = opened(browser)
        page.goto(partner + "/")
        # Messages arrive in order: when what the page itself sent has opened the frame, the other one's has come and was ignored.
        expect(page.frame_locator("#ours").locator("main[data-state=open]")).to_be_visible(timeout=60_000)
        context.close()
    assert programs.exchange(house, program, stolen).status_code == 200, "nobody has used it"


def test_31_no_page_of_ours_but_this_one_may_be_framed_and_only_by_its_partner(scene):
    house, program, (partner, _pages), _foreign = scene
    policy = {}
    for path in (
        "/",
        "/connect",
        "/device",
        "/embed",
        f"/embed?client_id={program['client_id']}",
        "/embed?client_id=rmc_x",
        "/embed/x",
    ):
        answer = house.client.get(path, headers={"accept": "text/html"})
        policy[path] = answer.headers["content-security-policy"].split("frame-ancestors ")[1]
    assert policy.pop(f"/embed?client_id={program['client_id']}") == partner
    assert set(policy.values()) == {"'none'"}


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1", "null"])
def test_31_a_login_from_a_foreign_page_leaves_no_session_in_the_browser(house, origin):
    """Login CSRF: the cookie is given to our own page alone."""
    answer = house.login("retail@first.example", headers={"Origin": origin})
    assert "set-cookie" not in answer.headers
