"""Attack 28: the password step is passed, and straight to the API with what it gave. It gives nothing: no token, no cookie, no session."""

import json
import re

import httpx

from tests.attacks.people import Victim, refusal


def test_28_the_password_step_gives_nothing_that_opens_anything(house):
    victim = Victim(house, factor=True)

    def sessions():
        with house.sql("superuser") as connection:
            return connection.execute(
                "SELECT count(*) FROM identity.sessions WHERE principal_id = %s", [victim.id]
            ).fetchone()[0]

    before = sessions()
    base = str(house.client.base_url).rstrip("/")
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as browser:
        for client in (browser, house.client):
            answer = client.post("/v1/sessions", json={"email": victim.email, "password": victim.password})
            assert refusal(answer) == (401, "second_factor_required")
            assert not re.search("rm[sr]_", answer.text) and "set-cookie" not in answer.headers
            assert sessions() == before
            for text in (*_texts(answer.json()), answer.headers["x-request-id"]):
                headers = {"Authorization": f"Bearer {text}", "Cookie": f"rivermouth_session={text}"}
                assert (
                    house.client.get("/v1/me", headers={"Authorization": headers["Authorization"]}).status_code == 401
                )
                assert house.client.get("/v1/me", headers={"Cookie": headers["Cookie"]}).status_code == 401
        assert browser.get("/v1/me").status_code == 401


def _texts(body):
    """Every text of the answer that a header can carry."""
    found = [value if isinstance(value, str) else json.dumps(value) for value in body.values()]
    return [text for text in found if text.isascii() and text.isprintable()]
