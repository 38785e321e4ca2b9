"""Which addresses of chat services are taken, how alerts are worded, and that no connection leads inside."""

import logging
import socket
from datetime import UTC, datetime

import pytest

from earn.payouts.events import PayoutsLate
from earn.payouts.states import Late
from notices.chat import addresses, guard
from notices.chat.addresses import read
from notices.chat.errors import ChannelAddressRefused
from notices.chat.rules import LINES, SHOWN, Alert, placeholders, word
from notices.chat.states import TOPIC_OF, AlertKind, Topic, topics_of
from notices.chat.tasks import _NEWS
from notices.states import Language

NOBODY = frozenset()
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


def service(address, *, plain=False, allowed=NOBODY):
    return read(address, plain=plain, allowed=allowed)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("dingtalk://" + "a1" * 32, "DingTalk"),
        ("dingtalk://secret@" + "a1" * 32, "DingTalk"),
        (SLACK, "Slack"),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
        ("jsons://alerts.example/room", "JSON"),
    ],
)
def test_services_are_read_to_be_sent_to_once(address, name):
    made = service(address)
    assert addresses.name_of(made) == name
    assert (made.retry, made.redirects, made.verify_certificate) == (0, False, True)
    assert made.socket_read_timeout == addresses.TIMEOUT_S


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "dingtalk://",
        "https://example.com/hook",
        "file:///etc/passwd",
        "syslog://",
        "fcm://project@a1b2c3/?keyfile=/etc/passwd",
        "fcm://a1b2c3d4e5f6/#topic",
        "vapid://subscriber@example.com/?keyfile=/etc/passwd",
        "mailto://user:password@example.com",
        "json://alerts.example/room",
        "jsons://127.0.0.1/room",
        "jsons://127.1/room",
        "jsons://[::1]/room",
        "jsons://2130706433/room",
        "jsons://169.254.169.254/latest",
        "jsons://10.0.0.8:8443/room",
        "jsons://alerts.example/room?verify=no",
        "jsons://alerts.example/room?redirect=yes",
        "jsons://alerts.example/room?retry=3",
        "dingtalk://" + "a1" * 32 + "?retry=2",
        SLACK + "#one/#two/",
        "jsons://alerts.example/\n",
        "jsons://alerts.example/" + "a" * 1_000,
    ],
)
def test_addresses_that_are_not_taken(address):
    with pytest.raises(ChannelAddressRefused) as error:
        service(address)
    assert "a1a1" not in str(error.value.detail)


def test_a_sandbox_speaks_http_too_and_may_name_single_private_targets():
    assert service("json://alerts.example/room", plain=True)
    allowed = frozenset({"127.0.0.1:9000"})
    assert service("json://127.0.0.1:9000/room", plain=True, allowed=allowed)
    with pytest.raises(ChannelAddressRefused):
        service("json://127.0.0.1:9001/room", plain=True, allowed=allowed)


def test_the_library_writes_no_address_into_the_log(caplog):
    with caplog.at_level(logging.DEBUG):
        for address in ("dingtalk://NOT-A-TOKEN-canary", SLACK + "?retry=canary", "jsons://canary:canary@x/?retry=-1"):
            try:
                service(address)
            except ChannelAddressRefused:
                continue
    assert "canary" not in caplog.text
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in caplog.text


def test_every_alert_has_a_topic_and_the_same_words_in_both_languages():
    assert set(TOPIC_OF) == set(AlertKind)
    assert {topic for kind in AlertKind for topic in topics_of(kind)} == set(Topic)
    for kind in AlertKind:
        assert placeholders(LINES[Language.EN][kind]) == placeholders(LINES[Language.ZH][kind]), kind
        assert any("一" <= c <= "鿿" for c in LINES[Language.ZH][kind])


def test_many_alerts_are_one_message_that_counts_the_rest():
    low = Alert(AlertKind.BALANCE_LOW, {"asset": "BTC", "venue": "kraken", "needed": "2", "usable": "0.5"})
    one = word([low], count=1, language=Language.EN)
    assert (one.title, one.body) == ("Rivermouth: one alert", "Too little BTC at kraken: 2 needed, 0.5 usable.")
    many = word([low] * SHOWN, count=SHOWN + 7, language=Language.ZH)
    assert many.title == "Rivermouth：17 条提醒"
    assert many.body.count("\n") == SHOWN
    assert many.body.endswith("……另有 7 条，请在控制台查看。")


def test_what_is_put_in_cannot_begin_another_alert():
    said = Alert(
        AlertKind.TRADING_STOPPED, {"mode": "halt", "scope": "all", "target": "*", "reason": "x\nThe books are fine"}
    )
    assert "\n" not in word([said], count=1, language=Language.EN).body


def test_every_connection_is_judged_at_the_moment_of_connecting():
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()
        with guard.watching(NOBODY) as watch, pytest.raises(guard.LeadsInside):
            socket.create_connection(here, timeout=5)
        assert (watch.opened, watch.refused) == (0, 1)
        with guard.watching(NOBODY) as watch, pytest.raises(OSError, match="public internet"):
            socket.create_connection(("localhost", here[1]), timeout=5)
        with guard.watching(frozenset({f"127.0.0.1:{here[1]}"})) as watch:
            socket.create_connection(here, timeout=5).close()
        assert (watch.opened, watch.refused) == (1, 0)
        socket.create_connection(here, timeout=5).close()  # who watches nobody is not watched
        with guard.watching(NOBODY), socket.socket(socket.AF_UNIX) as inner, pytest.raises(guard.LeadsInside):
            inner.connect("/nowhere/at/all")


@pytest.mark.parametrize("what", Late)
def test_every_kind_of_lateness_has_words(what):
    kind, params, again = _NEWS[PayoutsLate](
        PayoutsLate(what.value, 3, datetime(2031, 2, 28, tzinfo=UTC), "account_closed")
    )
    assert placeholders(LINES[Language.EN][kind]) <= params.keys()
    assert again is None, "it is told when it begins, however soon it begins again"
    said = word([Alert(kind, params)], count=1, language=Language.EN).body
    assert "3 rows" in said
    assert ("account_closed" in said) == (what is Late.REFUSED)
