"""What the attacks on accounts share: a customer with an authenticator app, and requests in short words."""

from __future__ import annotations

from datetime import timedelta

import pyotp

from identity.principals import service as principals
from kernel import clock
from kernel.ids import uuid7
from tests.house import PASSWORD

OTHER_PASSWORD = "a lantern under the river mouth"
KEY = {"name": "bot", "scopes": ["read", "trade"]}


class Victim:
    """Somebody new in the first house, logged in."""

    def __init__(self, house, *, factor=False):
        self.house, self.email, self.password = house, f"{uuid7().hex[-12:]}@mail.example", PASSWORD
        self.id = principals.ensure_customer(house.first, email=self.email, password=PASSWORD)
        self.token, self.secret, self.now = self.login(), None, clock.wall()
        if factor:
            self.secret = self.ask("POST", "/v1/mfa/totp").json()["secret"]
            code = {"totp": pyotp.TOTP(self.secret).at(self.now - timedelta(seconds=30))}
            assert self.ask("POST", "/v1/mfa/totp/confirm", code).status_code == 200

    def code(self):
        """Right, and not used before."""
        return pyotp.TOTP(self.secret).at(self.now)

    def login(self, **proof):
        answer = self.house.login(self.email, self.password) if not proof else self.try_login(**proof)
        assert answer.status_code == 201, answer.text
        return answer.json()["access_token"]

    def try_login(self, headers=None, **proof):
        body = {"email": self.email, "password": self.password, **proof}
        return self.house.client.post("/v1/sessions", json=body, headers=headers or {})

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.house.client.request(method, path, json=body, headers=headers)


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def wrong(victim):
    """A code that is none of the present ones."""
    near = {pyotp.TOTP(victim.secret).at(victim.now + timedelta(seconds=30 * step)) for step in range(-4, 9)}
    return next(code for code in (f"{n:06}" for n in range(100)) if code not in near)
