"""Where a webhook may go: nowhere inside, however the address is spelled; and for how long it is tried."""

from datetime import timedelta

import pytest

from notices.webhooks.rules import UrlRefused, inside, literal_address, pause_after, read_url

NOBODY = frozenset()


def read(url, *, plain=False, allowed=NOBODY):
    return read_url(url, plain=plain, allowed=allowed)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://example.com/hook", "example.com", 443, "/hook", "example.com"),
        ("https://example.com:8443?x=1&y=%20", "example.com", 8443, "/?x=1&y=%20", "example.com:8443"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
        ("HTTPS://EXAMPLE.com/A", "example.com", 443, "/A", "example.com"),
        ("https://1.1.1.1/", "1.1.1.1", 443, "/", "1.1.1.1"),
        ("https://[2606:4700:4700::1111]:444/", "2606:4700:4700::1111", 444, "/", "[2606:4700:4700::1111]:444"),
    ],
)
def test_public_addresses(url, host, port, path, authority):
    target = read(url)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "https:///nowhere",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com/#fragment",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: x",
        "https://bücher.example/",
        "https://-bad.example/",
        "https://a..b/",
        "https://" + "a" * 2050,
        "//example.com/",
        "example.com",
    ],
)
def test_what_is_no_https_address_of_a_host(url):
    with pytest.raises(UrlRefused):
        read(url)


INSIDE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "10.0.0.8",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::127.0.0.1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[fec0::1]",
    "[5f00::1]",
    "192.88.99.1",
    "[2001:db8::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
]


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("plain", [False, True])
def test_what_is_inside_is_refused_in_every_spelling(host, plain):
    with pytest.raises(UrlRefused):
        read(f"https://{host}/hook", plain=plain)
    if plain:
        with pytest.raises(UrlRefused):
            read(f"http://{host}:8000/hook", plain=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_what_is_outside(address):
    assert not inside(address)


@pytest.mark.parametrize("address", ["", "nonsense", "1.2.3", "127.0.0.1", "::1", "fe80::1%eth0"])
def test_what_cannot_be_read_is_inside(address):
    assert inside(address)


def test_a_name_is_no_address():
    assert literal_address("example.com") is None
    assert literal_address("dead.beef") is None
    assert literal_address("face") is None


def test_a_sandbox_may_name_single_private_targets():
    allowed = frozenset({"127.0.0.1:9000"})
    assert read("http://127.0.0.1:9000/x", plain=True, allowed=allowed).port == 9000
    for url in ("http://127.0.0.1:9001/x", "http://127.0.0.2:9000/", "http://[::1]:9000/", "http://127.0.0.1/"):
        with pytest.raises(UrlRefused):
            read(url, plain=True, allowed=allowed)


def test_a_delivery_is_tried_for_more_than_a_day():
    pauses = []
    while (pause := pause_after(len(pauses) + 1)) is not None:
        pauses.append(pause)
    assert pauses == sorted(pauses)
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=4)
