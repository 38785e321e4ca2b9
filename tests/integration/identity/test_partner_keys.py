"""A partner's keys that lie at the partner's: fetched by our rules, remembered, looked for again when a new one signs."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from identity.oauth import keys
from kernel.outside import UrlRefused
from kernel.settings import settings
from tests import oauth_programs as programs


@pytest.fixture
def partner(house):
    """Where the keys lie; `answer` is what is told, `asked` how often."""

    class Handler(BaseHTTPRequestHandler):
        answer, asked, status = b"", 0, 200

        def do_GET(self):
            Handler.asked += 1
            self.send_response(Handler.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(Handler.answer)

        def log_message(self, *_given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    Handler.place = f"127.0.0.1:{server.server_address[1]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS", Handler.place)
        patch.setattr(keys, "KEYS", keys.Keys())
        settings.cache_clear()
        yield Handler
    settings.cache_clear()
    server.shutdown()
    thread.join()
    server.server_close()


def told(*found):
    return json.dumps({"keys": [key.as_dict(private=False) for key in found]}).encode()


def signed(house, key, kid):
    return programs.signed(key, programs.claims(house, subject="seven"), kid=kid)


def test_keys_are_fetched_once_and_again_for_a_new_one_after_a_while(house, partner, monkeypatch):
    monkeypatch.setattr("identity.oauth.assertions.KEYS", keys.KEYS)
    first, second = programs.partner_key(), programs.partner_key("two")
    program = programs.embedding(house, first, jwks=None, jwks_url=f"http://{partner.place}/keys")
    programs.vouched(house, program, subject="seven")
    partner.answer = told(first)
    for _ in range(3):
        assert programs.exchange(house, program, signed(house, first, "one")).status_code == 200
    assert partner.asked == 1
    partner.answer = told(first, second)
    assert programs.exchange(house, program, signed(house, second, "two")).status_code == 401
    assert partner.asked == 1, "not more often than a minute apart, whoever asks"
    monkeypatch.setattr(keys, "PAUSE_S", 0.0)
    assert programs.exchange(house, program, signed(house, second, "two")).status_code == 200
    assert partner.asked == 2


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (302, b""),
        (500, b"{}"),
        (200, b""),
        (200, b"[]"),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [' + b" " * 70_000 + b"]}"),
    ],
)
def test_what_is_no_set_of_keys_opens_nothing(house, partner, monkeypatch, status, answer):
    monkeypatch.setattr("identity.oauth.assertions.KEYS", keys.KEYS)
    key = programs.partner_key()
    program = programs.embedding(house, key, jwks=None, jwks_url=f"http://{partner.place}/keys")
    programs.vouched(house, program, subject="seven")
    partner.status, partner.answer = status, answer
    refused = programs.exchange(house, program, signed(house, key, "one"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert partner.asked == 1, "nothing is followed"


def test_a_name_that_leads_inside_is_not_asked(partner, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.0.0.1", 443))])
    with pytest.raises(UrlRefused):
        keys.get_json("https://partner.example/keys")
    assert partner.asked == 0
