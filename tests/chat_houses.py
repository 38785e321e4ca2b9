"""DingTalk and Slack as they answer robots: what each demands of a message, and its words where it refuses one.

`Doors` is the way there: a proxy on the loopback address for exactly these two hosts, with a certificate for each. A product that is told
of it by `doors.environment` speaks to the real names over TLS, and knows of nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import parse_qs, urlsplit

from tests.integration.notices.test_webhook_posting import certificate

DINGTALK, SLACK = "oapi.dingtalk.com", "hooks.slack.com"
_AN_HOUR_MS = 3_600_000


class ChatHouses:
    """Both services. `heard`: (room, text) of what was taken, in order; `refused`: the words with which something was not."""

    def __init__(self):
        self.robots, self.hooks = {}, {}
        self.heard, self.refused = [], []

    def robot(self, room):
        """A signed robot of DingTalk; answers its address as the product takes it."""
        token, secret = secrets.token_hex(32), "SEC" + secrets.token_hex(32)
        self.robots[token] = (room, secret)
        return f"dingtalk://{secret}@{token}"

    def hook(self, room):
        """An incoming webhook of Slack, as Slack gives it out."""
        path = f"/services/T{secrets.token_hex(4).upper()}/B{secrets.token_hex(4).upper()}/{secrets.token_hex(12)}"
        self.hooks[path] = room
        return f"https://{SLACK}{path}"

    def texts(self, room):
        return [text for where, text in self.heard if where == room]

    def answer(self, path, headers, body):
        """(status, headers, content), as `Receiver.answer` gives it."""
        if path.startswith("/robot/send"):
            code, words = self._dingtalk(parse_qs(urlsplit(path).query), headers, body)
            return 200, {"Content-Type": "application/json"}, json.dumps({"errcode": code, "errmsg": words}).encode()
        status, words = self._slack(urlsplit(path).path.rstrip("/"), headers, body)
        return status, {"Content-Type": "text/plain"}, words.encode()

    def _dingtalk(self, query, headers, body):
        """Its answers are HTTP 200, whatever they say."""
        room, secret = self.robots.get(query.get("access_token", [""])[0], (None, ""))
        message, stamp = _object(headers, body), query.get("timestamp", ["0"])[0]
        signed = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        if room is None:
            return self._no(300005, "token is not exist")
        if abs(time.time() * 1000 - int(stamp)) > _AN_HOUR_MS:
            return self._no(310000, "invalid timestamp")
        if query.get("sign") != [base64.b64encode(signed).decode()]:
            return self._no(310000, "sign not match")
        if message is None or message.get("msgtype") != "text" or not message.get("text", {}).get("content"):
            return self._no(400105, "unsupported message type")
        self.heard.append((room, message["text"]["content"]))
        return 0, "ok"

    def _slack(self, path, headers, body):
        room, message = self.hooks.get(path), _object(headers, body)
        if room is None:
            return self._no(404, "no_service")
        if message is None:
            return self._no(400, "invalid_payload")
        said = [message.get("text"), *(part.get("text") for part in message.get("attachments", []))]
        if not any(said):
            return self._no(400, "no_text")
        self.heard.append((room, "\n".join(filter(None, said))))
        return 200, "ok"

    def _no(self, code, words):
        self.refused.append(words)
        return code, words


def agreeable(handler):
    """The yes of whichever service is spoken to, for a `Receiver`."""
    return 200, {}, b"ok" if handler.path.startswith("/services/") else b'{"errcode":0,"errmsg":"ok"}'


def _object(headers, body):
    if not headers.get("Content-Type", "").startswith("application/json"):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


class Doors:
    """The hosts of `ChatHouses`, each behind its certificate, reached through a proxy."""

    def __init__(self, houses, folder):
        self.houses, self.contexts = houses, {}
        bundle = folder / "authorities.pem"
        with bundle.open("wb") as trusted:
            for host in (DINGTALK, SLACK):
                public, private = certificate(host)
                trusted.write(public)
                (folder / f"{host}.pem").write_bytes(public + private)
                self.contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.contexts[host].load_cert_chain(folder / f"{host}.pem")
        self.server = _Server(("127.0.0.1", 0), _Connect)
        self.server.doors = self
        here = f"127.0.0.1:{self.server.server_address[1]}"
        self.environment = {
            # `requests` reads a proxy for one host from the name of the variable: nothing else goes this way.
            **{f"https://{host}_proxy": f"http://{here}" for host in self.contexts},
            "REQUESTS_CA_BUNDLE": str(bundle),
            "RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS": here,
        }
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


class _Server(ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Who hangs up has had enough."""


class _Connect(StreamRequestHandler):
    """One tunnel: the proxy's part, then TLS, then one request."""

    timeout = 30

    def handle(self):
        method, target, _ = self.rfile.readline().decode("latin-1").split()
        while self.rfile.readline().strip():
            pass
        context = self.server.doors.contexts.get(target.removesuffix(":443")) if method == "CONNECT" else None
        if context is None:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(self.connection, server_side=True) as inside:
            _Inside(inside, self.client_address, self.server)


class _Inside(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, headers, content = self.server.doors.houses.answer(self.path, self.headers, body)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content)), "Connection": "close"} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
