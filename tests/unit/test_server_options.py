"""Whose word about a caller's address is believed."""

import asyncio

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kernel.settings import Settings
from rivermouth.http import server_options


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),  # what stands left of it anybody can write
        ("10.0.0.0/8", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "203.0.113.7", "10.0.0.1"),
    ],
)
def test_a_named_proxy_is_believed_and_no_other(trusted, forwarded, client):
    options = server_options(Settings(trusted_proxies=trusted))
    assert options["proxy_headers"] is True
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope["client"][0])

    guarded = ProxyHeadersMiddleware(app, trusted_hosts=options["forwarded_allow_ips"])
    scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    asyncio.run(guarded(scope, None, None))
    assert seen == [client]


def test_nobody_is_believed_unless_named():
    assert server_options(Settings())["proxy_headers"] is False
