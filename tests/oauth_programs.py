"""Programs in tests: registered by the admin, connected by the customer, and the forms that they send."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from kernel import clock

_names = itertools.count()
CALLBACK = "https://app.example/callback"
CODE, REFRESH = "authorization_code", "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
PARTNER = "https://partner.example"


def register(house, **fields):
    """A program as staff register it; by default a server that people connect."""
    body = {
        "name": f"program {next(_names)}",
        "grants": [CODE, REFRESH],
        "scopes": ["read", "trade"],
        "redirect_uris": [CALLBACK],
        "confidential": True,
        **fields,
    }
    answer = house.client.post("/v1/oauth/clients", json=body, headers=house.auth("admin"))
    assert answer.status_code == 201, answer.text
    return answer.json()


def issuer(house):
    return str(house.client.base_url).rstrip("/")


@dataclass
class Pkce:
    verifier: str
    challenge: str


def pkce():
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Pkce(verifier, base64.urlsafe_b64encode(digest).decode().rstrip("="))


def question(program, proof, **changes):
    asked = {
        "response_type": "code",
        "client_id": program["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "read",
        "state": "xyz",
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def consent(house, program, proof, *, who="retail", allow=True, **changes):
    """What the consent page does; answers the parameters that go back to the program."""
    path = "/v1/oauth/consent" if allow else "/v1/oauth/consent/refuse"
    answer = house.client.post(path, json=question(program, proof, **changes), headers=house.auth(who))
    assert answer.status_code == 200, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.json()["redirect_to"]).query).items()}


def token(house, program, *, secret=True, **fields):
    form = {"client_id": program["client_id"], **fields}
    if secret and program.get("client_secret"):
        form["client_secret"] = program["client_secret"]
    return house.client.post("/oauth/token", data=form)


def exchange_code(house, program, proof, code, **changes):
    fields = {"grant_type": CODE, "code": code, "redirect_uri": CALLBACK, "code_verifier": proof.verifier, **changes}
    return token(house, program, **{name: value for name, value in fields.items() if value is not None})


def connect(house, program, *, scope="read", who="retail"):
    """The whole way: asked, allowed, exchanged; answers the tokens."""
    proof = pkce()
    back = consent(house, program, proof, scope=scope, who=who)
    answer = exchange_code(house, program, proof, back["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def partner_key(kid="one"):
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def embedding(house, key, *, origins=(), **changes):
    partner = {"issuer": PARTNER, "jwks": {"keys": [key.as_dict(private=False)]}, "origins": list(origins), **changes}
    return register(house, grants=[EXCHANGE], redirect_uris=[], confidential=False, partner=partner)


def vouched(house, program, *, subject, who="retail", scopes=("read",)):
    """Staff say what a partner calls a customer, and the customer agrees."""
    body = {"customer_id": str(house.ids[who]), "scopes": list(scopes), "subject": subject}
    path = f"/v1/oauth/clients/{program['id']}/proposals"
    made = house.client.post(path, json=body, headers=house.auth("admin"))
    assert made.status_code == 201, made.text
    agreed = house.client.post(f"/v1/oauth/connections/{made.json()['id']}/agree", headers=house.auth(who))
    assert agreed.status_code == 200, agreed.text
    return agreed.json()


def claims(house, *, subject, **changes):
    now = int(clock.wall().timestamp())
    made = {
        "iss": PARTNER, "aud": issuer(house), "sub": subject, "jti": secrets.token_hex(8), "iat": now, "exp": now + 300,
        **changes,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def signed(key, body, *, alg="ES256", **header):
    return jwt.encode({"alg": alg, "kid": "one", **header}, body, key, algorithms=[alg])


def exchange(house, program, subject_token, **fields):
    form = {"grant_type": EXCHANGE, "subject_token": subject_token, "subject_token_type": JWT, **fields}
    return token(house, program, **form)
