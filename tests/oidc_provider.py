"""A small OpenID provider on a local port: it logs in whoever the test says, and can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from kernel import clock

CLIENT, SECRET = "rivermouth", "a secret between the two"


@cache
def _key() -> RSAKey:
    """One for all tests: making one takes longer than a test."""
    return RSAKey.generate_key(2048, {"kid": "p1", "use": "sig"})


@dataclass
class Provider:
    key: RSAKey = field(default_factory=_key)
    email: str = "admin@first.example"
    subject: str = "person-1"
    lies: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | None = None
    header: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    redeemed: int = 0

    def authorize(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"], "iss": self.issuer})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or authorization != basic:
            return None
        if asked["redirect_uri"] != form["redirect_uri"]:
            return None
        self.redeemed += 1
        now = int(clock.wall().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "email": self.email, "email_verified": True, "iat": now,
            "exp": now + 60, "nonce": asked["nonce"], **self.lies,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "p1", **self.header}
        return {"token_type": "Bearer", "id_token": jwt.encode(header, claims, self.signer or self.key)}


@contextmanager
def running():
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                at = {
                    f"{name}_endpoint": f"{provider.issuer}/{path}"
                    for name, path in (("authorization", "authorize"), ("token", "token"))
                }
                self.say(200, {"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys", **at})
            elif parts.path == "/keys":
                self.say(
                    200, {"keys": [provider.key.as_dict(private=False), {"kty": "RSA", "use": "enc", "kid": "other"}]}
                )
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(parts.query))))
                self.end_headers()
            else:
                self.say(404, {})

        def do_POST(self):
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            told = provider.token(form, self.headers.get("Authorization", ""))
            self.say(400 if told is None else 200, told or {"error": "invalid_grant"})

        def say(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
