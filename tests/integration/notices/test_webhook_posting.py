"""One request to a customer's address, over real sockets: signed, pinned to the address that was judged, followed nowhere, read a little."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook, WebhookVerificationError

from kernel.ids import uuid7
from notices.webhooks import posting
from notices.webhooks.posting import NotDelivered, Post
from notices.webhooks.service import Parcel

SECRET = "whsec_" + "QUFB" * 11


class Receiver:
    """A customer's server on the loopback address: what it does with a request is set by the test."""

    def __init__(self, context=None, port=0):
        self.got, self.answer, self.names = [], (200, {}, b"ok"), []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers), body))
                answer = outer.answer(self) if callable(outer.answer) else outer.answer
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, content = answer
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: self.names.append(name)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def here(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def parcel(url):
    return Parcel(url, SECRET, uuid7(), json.dumps({"type": "order.closed"}).encode())


def names(**known):
    """A resolver of the test's own; each name has a list of answers, the last one stays."""
    asked = []

    async def find(host, port):
        asked.append((host, port))
        answers = known[host.replace(".", "_")]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    find.asked = asked
    return find


def send(post, sent):
    return asyncio.run(post.send(sent))


def refused(post, sent):
    with pytest.raises(NotDelivered) as error:
        send(post, sent)
    return error.value


def test_a_receiver_can_check_who_sent_it_with_the_library_of_the_standard(receiver):
    sent = parcel(f"http://{receiver.here}/hook?x=1")
    assert send(Post(plain=True, allowed=frozenset({receiver.here})), sent) == 200
    [(path, headers, body)] = receiver.got
    assert path == "/hook?x=1"
    assert headers["webhook-id"] == str(sent.event_id)
    assert headers["webhook-signature"].startswith("v1,")
    assert Webhook(SECRET).verify(body, headers) == {"type": "order.closed"}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "QUFC" * 11).verify(body, headers)
    assert SECRET not in str(headers) + repr(sent)


def test_a_loopback_target_needs_to_be_named(receiver):
    assert (
        "not in the public internet"
        in refused(Post(plain=True, allowed=frozenset()), parcel(f"http://{receiver.here}/")).text
    )
    assert receiver.got == []


class Wire(httpx.AsyncBaseTransport):
    """Shows where a connection would go."""

    def __init__(self):
        self.went = []

    async def handle_async_request(self, request):
        self.went.append((str(request.url), request.headers["host"], request.extensions.get("sni_hostname")))
        return httpx.Response(204, stream=httpx.ByteStream(b""))


def test_the_environments_proxies_are_not_used(receiver, monkeypatch):
    trap = Receiver()
    try:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{trap.here}")
        send(Post(plain=True, allowed=frozenset({receiver.here})), parcel(f"http://{receiver.here}/"))
        assert (len(receiver.got), trap.got) == (1, [])
    finally:
        trap.close()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://example.com/", "https://2130706433/", "https://[::]/"])
def test_what_may_not_be_stored_is_not_sent_either(url):
    wire = Wire()
    refused(Post(plain=False, allowed=frozenset(), transport=wire), parcel(url))
    assert wire.went == []


def test_an_answer_without_end_is_read_a_little(receiver):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        try:
            for _ in range(100_000):
                handler.wfile.write(b"x" * 65_536)
                sent.append(1)
        except OSError:
            pass

    receiver.answer = endless
    began = time.monotonic()
    assert send(Post(plain=True, allowed=frozenset({receiver.here})), parcel(f"http://{receiver.here}/")) == 200
    assert time.monotonic() - began < 10
    assert len(sent) < 1_000


def test_an_answer_that_does_not_come_ends_the_attempt(receiver, monkeypatch):
    monkeypatch.setattr(posting, "TOTAL_S", 0.3)
    release = threading.Event()
    receiver.answer = lambda _handler: release.wait(10) and None
    try:
        error = refused(Post(plain=True, allowed=frozenset({receiver.here})), parcel(f"http://{receiver.here}/"))
        assert error.text in {"no answer in time", "the connection failed: ReadTimeout"}
    finally:
        release.set()


def certificate(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


@pytest.fixture
def secure(tmp_path):
    public, private = certificate("hook.example")
    (tmp_path / "pem").write_bytes(public + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    made = Receiver(context)
    made.trust = ssl.create_default_context(cadata=public.decode())
    yield made
    made.close()


def test_tls_and_host_speak_the_name_while_the_connection_goes_to_the_address(secure):
    find = names(hook_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    post = Post(plain=False, allowed=frozenset({secure.here}), find=find, trust=secure.trust)
    assert send(post, parcel(f"https://hook.example:{secure.port}/x")) == 200
    assert secure.names == ["hook.example"]
    assert secure.got[0][1]["Host"] == f"hook.example:{secure.port}"
    error = refused(post, parcel(f"https://other.example:{secure.port}/x"))
    assert error.text == "the connection failed: ConnectError", "a certificate of another name"
    assert len(secure.got) == 1
