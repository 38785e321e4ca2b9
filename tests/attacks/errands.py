"""Errands that use up secrets: mails with links, programs, identity checks, chat rooms. Each also uses them wrongly.

`visit` is whoever goes: it asks the real API, keeps every answer that is meant to reveal nothing, and adds each secret to its canaries.
"""

from __future__ import annotations

import json
import re
import secrets
import ssl
import time
from contextlib import contextmanager
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from identity.eligibility.states import Level
from identity.principals import service as principals
from kernel.ids import uuid7
from rivermouth.prove.stack import free_port
from tests.house import PASSWORD
from tests.integration.notices.test_webhook_posting import certificate
from tests.kyc_papers import paper, picture
from tests.oauth_programs import CALLBACK, CODE, DEVICE, EXCHANGE, JWT, REFRESH, bearer, pkce, question

PATIENCE_S = 120
APPLICANT = "applicant@first.example"
PAGES = "https://trade.example"
LINK = re.compile(re.escape(PAGES) + r"(/[a-z-]+)#(rml_[A-Za-z0-9_-]{43})")


class PostOffice:
    """A mail server over TLS that demands a password, takes every mail and refuses those with a link to `/freeze`, quoting it."""

    def __init__(self, folder):
        public, private = certificate("localhost")
        self.trust, pem = folder / "trust.pem", folder / "office.pem"
        self.trust.write_bytes(public)
        pem.write_bytes(private + public)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem)
        self.port, self.links, self.logins = free_port(), [], []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  the library's name
        text = message_from_bytes(envelope.content, policy=policy.default).get_content()
        self.links += [(envelope.rcpt_tos[0], *found) for found in LINK.findall(text)]
        refused = [found.group() for found in LINK.finditer(text) if found.group(1) == "/freeze"]
        return f"554 5.7.1 this leads where nobody wants to go: <{refused[0]}>" if refused else "250 taken"

    def _login(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append(data.password.decode())
        return AuthResult(success=True)

    @contextmanager
    def open(self):
        server = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self.tls,
            authenticator=self._login,
            auth_require_tls=False,
            server_kwargs={"enable_SMTPUTF8": True},
        )
        server.start()
        try:
            yield self
        finally:
            server.stop()

    def token(self, to, page):
        """Of the newest link to this page that somebody got, once it is there."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = [token for whom, where, token in self.links if (whom, where) == (to, page)]
            if found:
                return found[-1]
            assert time.monotonic() < deadline, (to, page, [link[:2] for link in self.links])
            time.sleep(0.05)


def mails(visit, office):
    """A registration, another e-mail, a lost password and a frozen account: every link that a mail can carry."""
    add, ask = visit.canaries.add, visit.ask
    email, moved = "newcomer@mail.example", "moved@mail.example"
    password, changed = (add(f"mail-{n}", f"{n}-{secrets.token_urlsafe(16)}") for n in ("password", "changed"))

    def used(name, to, page, path, **more):
        token = add(f"link-{name}", office.token(to, page))
        for strange in ({"token": [token]}, {"token": token * 9}, {"tokens": token}):
            assert ask("POST", path, json=strange).status_code in {400, 404}
        assert ask("POST", f"{path}?token={token}").status_code == 400
        done = ask("POST", path, json={"token": token, **more})
        assert done.status_code in {200, 204}, done.text
        assert ask("POST", path, json={"token": token, **more}).status_code == 404

    registered = ask("POST", "/v1/registrations", json={"email": email, "password": password, "name": "New"})
    assert registered.status_code == 202, registered.text
    used("verify", email, "/verify", "/v1/registrations/verify", password=password)
    opened = ask("POST", "/v1/sessions", json={"email": email, "password": password}, reveals=True).json()
    auth = bearer(add("newcomer-access", opened["access_token"]))
    assert ask("POST", "/v1/me/email", json={"email": moved}, headers=auth).status_code == 202
    for name, to in (("old-mail", email), ("new-mail", moved)):
        used(name, to, "/confirm-email", "/v1/email-changes/confirm")
    assert ask("POST", "/v1/password-resets", json={"email": moved}).status_code == 202
    used("reset", moved, "/reset", "/v1/password-resets/confirm", password=changed)
    used("freeze", moved, "/freeze", "/v1/account-freezes")


def programs(visit):
    """Each grant once, and each secret of it once more in the wrong place."""
    add, house, ask = visit.canaries.add, visit.house, visit.ask
    customer, admin = house.auth("retail"), house.auth("admin")

    def register(**fields):
        body = {"name": f"program {uuid7()}", "scopes": ["read"], **fields}
        made = ask("POST", "/v1/oauth/clients", json=body, headers=admin, reveals=True)
        assert made.status_code == 201, made.text
        return made.json()

    def token(expect=200, **form):
        answer = ask("POST", "/oauth/token", data=form, reveals=expect == 200)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def keep(name, tokens):
        return {part: add(f"{name}-{part}", tokens[part]) for part in ("access_token", "refresh_token")}

    client = register(grants=[CODE, REFRESH], redirect_uris=[CALLBACK], confidential=True)
    me = {"client_id": client["client_id"], "client_secret": add("client-secret", client["client_secret"])}
    proof = pkce()
    add("code-verifier", proof.verifier)
    back = ask("POST", "/v1/oauth/consent", json=question(client, proof), headers=customer, reveals=True)
    code = add("authorization-code", parse_qs(urlsplit(back.json()["redirect_to"]).query)["code"][0])
    form = {"grant_type": CODE, "code": code, "redirect_uri": CALLBACK, "code_verifier": proof.verifier}
    token(401, **form | me | {"client_secret": add("wrong-client-secret", secrets.token_urlsafe(32))})
    token(400, **form | me | {"code_verifier": add("wrong-verifier", secrets.token_urlsafe(48))})
    ask("POST", "/oauth/token", json=form | me)
    ask("POST", "/oauth/token", params=form | me)
    ask("GET", "/oauth/token", params=form | me)
    back = ask("POST", "/v1/oauth/consent", json=question(client, proof), headers=customer, reveals=True)
    form["code"] = add("second-code", parse_qs(urlsplit(back.json()["redirect_to"]).query)["code"][0])
    first = keep("program", token(**form | me))
    assert ask("GET", "/v1/balances", headers=bearer(first["access_token"])).status_code == 200
    second = keep("refreshed", token(grant_type=REFRESH, refresh_token=first["refresh_token"], **me))
    asked = ask("POST", "/oauth/introspect", data={"token": second["access_token"], **me})
    assert asked.json()["active"] is True
    again = token(grant_type=REFRESH, refresh_token=first["refresh_token"], **me)
    assert again["refresh_token"] == second["refresh_token"], (
        "a lost answer is given again, so it lies somewhere, sealed"
    )
    token(400, **form | me)  # a code twice: all that came of it ends
    token(400, grant_type=REFRESH, refresh_token=second["refresh_token"], **me)
    assert ask("POST", "/oauth/revoke", data={"token": second["refresh_token"], **me}).status_code == 200
    _device(visit, register, token, keep)
    assertion = ".".join(secrets.token_urlsafe(40) for _ in range(3))
    add("assertion", assertion)
    ask(
        "POST",
        "/oauth/token",
        data={"grant_type": EXCHANGE, "subject_token": assertion, "subject_token_type": JWT, **me},
    )
    assert ask("GET", "/v1/oauth/clients", headers=admin).status_code == 200
    assert ask("GET", "/v1/oauth/connections", headers=customer).status_code == 200


def _device(visit, register, token, keep):
    add, ask, customer = visit.canaries.add, visit.ask, visit.house.auth("retail")
    client = register(grants=[DEVICE, REFRESH], redirect_uris=[], confidential=False)
    me = {"client_id": client["client_id"]}
    begun = ask("POST", "/oauth/device_authorization", data={**me, "scope": "read"}, reveals=True).json()
    form = {"grant_type": DEVICE, "device_code": add("device-code", begun["device_code"]), **me}
    token(400, **form)
    ask("GET", "/v1/oauth/devices", params={"user_code": begun["device_code"]}, headers=customer)
    said = ask("POST", "/v1/oauth/devices", json={"user_code": begun["user_code"]}, headers=customer)
    assert said.status_code == 204, said.text
    deadline = time.monotonic() + PATIENCE_S
    while (answer := ask("POST", "/oauth/token", data=form, reveals=True)).status_code != 200:
        assert answer.json()["error"] == "slow_down" and time.monotonic() < deadline, answer.text
        time.sleep(0.5)
    keep("device", answer.json())
    token(400, **form)


def identity_check(visit):
    """Who somebody is and what their papers show: handed in by a customer, looked at by a reviewer, sealed for everybody else."""
    add, ask = visit.canaries.add, visit.ask
    principals.ensure_customer(visit.house.first, email=APPLICANT, password=PASSWORD, level=Level.REGISTERED)
    opened = ask("POST", "/v1/sessions", json={"email": APPLICANT, "password": PASSWORD}, reveals=True).json()
    customer, reviewer = bearer(opened["access_token"]), visit.house.auth("compliance")
    name = add("legal-name", f"Canary {secrets.token_hex(8)}")
    number = add("paper-number", f"E{secrets.randbelow(10**14):014}")
    file_name = add("file-name", f"{secrets.token_hex(8)}.pdf")
    applicant = {"full_name": name, "birth_date": "1985-12-10", "country": "SG"}
    ask("POST", "/v1/kyc/cases", json={"level": 1, "applicant": applicant | {"birth_date": name}}, headers=customer)
    ask("POST", "/v1/kyc/cases", json={"level": 1, "applicant": applicant | {"country": number}}, headers=customer)
    begun = ask("POST", "/v1/kyc/cases", json={"level": 1, "applicant": applicant}, headers=customer, reveals=True)
    assert begun.status_code == 201, begun.text
    path = f"/v1/kyc/cases/{begun.json()['id']}"

    def send(raw, kind="passport", media="application/pdf", expect=201):
        answer = ask(
            "POST", f"{path}/documents", data={"kind": kind}, files={"file": (file_name, raw, media)}, headers=customer
        )
        assert answer.status_code == expect, answer.text
        return answer.json()

    send(paper(shown=number, script=True), expect=400)
    send(number.encode(), expect=400)
    send(picture()[:200] + number.encode(), media="image/jpeg", expect=400)
    send(paper(shown=number), kind=number, expect=400)
    document = send(paper(shown=number))["id"]
    assert ask("POST", f"{path}/submit", headers=customer, reveals=True).status_code == 200
    assert ask("GET", "/v1/kyc/cases", params={"state": "in_review"}, headers=reviewer, reveals=True).status_code == 200
    assert ask("GET", path, headers=reviewer, reveals=True).json()["applicant"]["full_name"] == name
    link = ask("POST", f"/v1/kyc/documents/{document}/links", headers=reviewer, reveals=True).json()["url"]
    add("paper-link", parse_qs(urlsplit(link).query)["token"][0])
    assert ask("GET", link, headers=customer).status_code in {403, 404}
    shown = ask("GET", link, headers=reviewer, reveals=True)
    assert shown.status_code == 200 and number.encode() in shown.content, "what is kept could be found"
    assert ask("GET", link, headers=reviewer).status_code in {403, 404, 410}, "once"
    decided = ask(
        "POST", f"{path}/decision", json={"decision": "approve", "reason": "fine"}, headers=reviewer, reveals=True
    )
    assert decided.status_code == 200, decided.text


def chat(visit, room):
    """A channel with a password, a path and a parameter that are secrets; the service behind it says no and tells them."""
    add, ask, staff = visit.canaries.add, visit.ask, visit.house.auth("treasury")
    password, path, header = (add(f"chat-{n}", secrets.token_urlsafe(18)) for n in ("password", "path", "header"))
    room.answer = lambda asked: (500, {}, json.dumps([asked.path, dict(asked.headers)]).encode())
    address = f"json://bot:{password}@{room.here}/{path}/?+X-Room={header}"
    body = {"name": "ops", "topics": ["trading"]}
    for bad in (
        address.replace(room.here, "127.0.0.1:9"),
        address + "&retry=5",
        address.replace("json:", "nobody:"),
        [address],
    ):
        assert ask("POST", "/v1/channels", json=body | {"address": bad}, headers=staff).status_code == 400
    made = ask("POST", "/v1/channels", json=body | {"address": address}, headers=staff)
    assert made.status_code == 201, made.text
    stop = {"scope": "venue", "target": "kraken", "mode": "reduce_only", "reason": "a canary"}
    assert ask("POST", "/v1/controls", json=stop, headers=staff).status_code == 201
    deadline = time.monotonic() + PATIENCE_S
    while not room.got:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ask("GET", "/v1/channels", headers=staff).status_code == 200
