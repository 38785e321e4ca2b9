"""Attack 33: a passkey of a wrong origin or host, a replayed challenge, a counter that goes back, somebody else's credential. Refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from identity.security import passkeys
from tests.integration.identity.test_passkeys import answered, fresh_counters, login, offer, person, refused, somebody
from tests.soft_authenticator import PRESENT

__all__ = ["fresh_counters", "person"]


@pytest.mark.parametrize(
    "lie",
    [{"origin": "http://evil.example"}, {"rp_id": "evil.example"}, {"flags": PRESENT}, {"flags": 0}],
    ids=["origin", "rp_id", "owner not verified", "owner not there"],
)
def test_33_a_wrong_origin_or_host_or_an_owner_who_is_not_there_is_refused(house, person, lie):
    """Attack 33."""
    assert refused(person.register(person.device(**lie)))
    device = person.registered()
    for name, value in lie.items():
        setattr(device, name, value)
    assert refused(login(house, device))


def test_33_a_challenge_is_good_once_for_its_purpose_and_for_five_minutes(house, person, monkeypatch):
    """Attack 33: replayed challenge."""
    device = person.registered()
    given = offer(house)
    credential = device.get(given["options"])
    assert answered(house, given, credential).status_code == 201
    assert refused(answered(house, given, credential))
    step_up = person.ask("POST", "/v1/step-up/passkey").json()
    assert refused(answered(house, step_up, device.get(step_up["options"])))
    mixed = {"challenge_id": offer(house)["challenge_id"], "options": given["options"]}
    assert refused(answered(house, mixed, device.get(given["options"])))
    late = offer(house)
    real = passkeys.wall
    monkeypatch.setattr(passkeys, "wall", lambda: real() + passkeys.CHALLENGE_LIFE + timedelta(seconds=1))
    assert refused(answered(house, late, device.get(late["options"])))


def test_33_a_counter_that_goes_back_is_refused(house, person):
    """Attack 33: a copied device."""
    device = person.registered()
    assert login(house, device).status_code == 201
    assert login(house, device).status_code == 201
    device.count = 0
    assert refused(login(house, device))


def test_33_the_credential_of_somebody_else_is_refused(house, person, request):
    """Attack 33: another user's credential id."""
    theirs = person.registered()
    mine = somebody(house, request.node.name + " mine")
    own = mine.registered()
    own.credential_id = theirs.credential_id
    assert refused(login(house, own))
    again = person.device(credential_id=theirs.credential_id)
    taken = mine.register(again)
    assert (taken.status_code, taken.json()["code"]) == (409, "passkey_known")
    given = mine.ask("POST", "/v1/step-up/passkey").json()
    answer = {"challenge_id": given["challenge_id"], "credential": theirs.get(given["options"])}
    assert refused(mine.ask("POST", "/v1/step-up", {"passkey": answer}))
    listed = person.ask("GET", "/v1/mfa").json()["passkeys"][0]["id"]
    assert mine.ask("DELETE", f"/v1/mfa/passkeys/{listed}").status_code == 404
