"""Attack 41: a webhook, or a chat channel, to an address inside: by number, by name, by rebinding, by redirect, by file. Nothing gets there."""

from __future__ import annotations

import pytest

from identity.principals.states import Role
from notices.webhooks.posting import Post
from tests.integration.notices.test_webhook_posting import Receiver, Wire, names, parcel, receiver, refused, send
from tests.integration.notices.test_webhooks import integrator

__all__ = ["integrator", "receiver"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data", "http://[::]/", "http://2130706433/", "file:///etc/passwd",
            "http://0x7f000001/", "http://user:pw@example.com/", "https://[::ffff:10.0.0.1]/"],
)  # fmt: skip
def test_41_an_address_inside_is_refused(integrator, url):
    answer = integrator.ask("POST", "/v1/webhooks", {"url": url, "kinds": ["order.closed"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_url_refused"), answer.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_41_a_redirect_is_followed_nowhere(receiver, status):
    inside = Receiver()
    try:
        receiver.answer = (status, {"Location": f"http://{inside.here}/secret"}, b"")
        error = refused(
            Post(plain=True, allowed=frozenset({receiver.here, inside.here})), parcel(f"http://{receiver.here}/")
        )
        assert (error.text, error.status) == (f"answered {status}", status)
        assert inside.got == []
    finally:
        inside.close()


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::", "::ffff:10.0.0.1", "fe80::1%eth0", "224.0.0.1"]
)
def test_41_a_name_that_leads_inside_is_refused_at_sending(receiver, address):
    for found in ([address], ["93.184.216.34", address]):
        post = Post(plain=True, allowed=frozenset(), find=names(evil_example=[found]))
        assert "not in the public internet" in refused(post, parcel(f"http://evil.example:{receiver.port}/")).text
    assert receiver.got == []


def test_41_a_name_that_is_bound_anew_is_judged_anew():
    find, wire = names(rebind_example=[["93.184.216.34"], ["127.0.0.1"]]), Wire()
    post = Post(plain=False, allowed=frozenset(), find=find, transport=wire)
    assert send(post, parcel("https://rebind.example/hook")) == 204
    assert find.asked == [("rebind.example", 443)]
    assert wire.went == [("https://93.184.216.34/hook", "rebind.example", "rebind.example")]
    assert "not in the public internet" in refused(post, parcel("https://rebind.example/hook")).text
    assert len(wire.went) == 1, "judged anew at every attempt"


@pytest.mark.parametrize(
    "address", ["jsons://127.0.0.1/x", "json://169.254.169.254/latest", "jsons://[::1]/x", "file:///etc/passwd", "syslog://localhost"]
)  # fmt: skip
def test_41_a_chat_channel_inside_is_refused(house, address):
    body = {"name": "inside", "address": address, "topics": ["ledger"]}
    answer = house.client.post("/v1/channels", json=body, headers=house.auth(Role.ADMIN))
    assert (answer.status_code, answer.json()["code"]) == (400, "channel_address_refused"), answer.text
