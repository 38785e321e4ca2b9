"""Heads, headers and origins, over real HTTP and raw sockets."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from kernel.http.edges import MAX_AUTHORIZATION, MAX_HEAD, MAX_HEADERS, SAFE_HEADERS
from kernel.settings import Settings
from rivermouth.http import EverybodyTrusted, create_app, server_options
from rivermouth.stream.sending import CloseCode
from tests.stream_clients import StreamClient

ELSEWHERE = "https://desk.example"


@contextmanager
def connected(house):
    where = urlsplit(str(house.client.base_url))
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        yield connection


def said(connection, until=b""):
    """What the server says before it closes, or until it said this."""
    heard = b""
    while not until or until not in heard:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            break
        if not part:
            break
        heard += part
    return heard


def test_an_authorization_of_more_than_8_kib_is_refused_before_it_is_read(house):
    fits = {"Authorization": "Bearer " + "A" * (MAX_AUTHORIZATION - 7)}
    assert house.client.get("/v1/me", headers=fits).status_code == 401
    answer = house.client.get("/v1/me", headers={"Authorization": "Bearer " + "A" * (MAX_AUTHORIZATION - 6)})
    assert (answer.status_code, answer.json()["code"]) == (431, "head_too_large")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_too_many_headers_and_too_long_ones_are_refused(house):
    many = house.client.get("/healthz", headers={f"X-{number}": "1" for number in range(MAX_HEADERS)})
    assert (many.status_code, many.json()["code"]) == (431, "head_too_large")
    long = house.client.get("/healthz", headers={f"X-{number}": "x" * 8_000 for number in range(5)})
    assert (long.status_code, long.json()["code"]) == (431, "head_too_large")
    assert house.client.get("/udf/search?query=" + "x" * (MAX_HEAD + 1)).status_code == 431


def test_a_head_that_does_not_end_is_cut_while_it_arrives(house):
    """uvicorn's parser alone would go on reading: its memory is what such a sender is after."""
    with connected(house) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ")
        sent, cut = 0, False
        try:
            while sent < 64 * 1024 * 1024 and not cut:
                connection.sendall(b"x" * 65_536)
                sent += 65_536
                connection.settimeout(0.001)
                with suppress(TimeoutError):
                    cut = connection.recv(65_536).startswith(b"HTTP/1.1 431 ")
                connection.settimeout(30)
        except (BrokenPipeError, ConnectionResetError):
            cut = True
        assert cut
        assert sent < 16 * 1024 * 1024  # what lies in buffers on the way, and no more


def test_a_large_body_that_comes_with_its_head_is_no_large_head(house):
    body = b'{"a": "' + b"x" * 200_000 + b'"}'
    head = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with connected(house) as connection:
        connection.sendall(head % len(body) + body)
        assert said(connection, b'"code"').startswith(b"HTTP/1.1 400 ")
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )  # and the next one is counted anew
        assert b"HTTP/1.1 200 OK" in said(connection)


def test_a_trailer_joins_no_headers(house):
    """A header behind the body would pass whatever a proxy in front of us looks for in the head."""
    token = house.auth("retail")["Authorization"].encode()
    with connected(house) as connection:
        connection.sendall(b"GET /v1/me HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        time.sleep(0.2)
        connection.sendall(b"0\r\nAuthorization: " + token + b"\r\n\r\n")
        assert said(connection).startswith(b"HTTP/1.1 401 ")


def test_trailers_without_an_end_are_cut(house):
    with connected(house) as connection:
        connection.sendall(b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in range(2_000):
                connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize("path", ["/healthz", "/v1/me", "/no/such/thing", "/docs", "/openapi.json", "/udf/config"])
def test_every_answer_tells_a_browser_to_be_careful(house, path):
    answer = house.client.get(path)
    for name, _ in SAFE_HEADERS:
        assert answer.headers.get_list(name.decode()), (path, name)
        assert len(answer.headers.get_list(name.decode())) == 1, (path, name)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


def test_refusals_of_every_guard_are_careful_too(house):
    for answer in (
        house.client.post("/v1/sessions", content=b"{", headers={"Content-Type": "application/json"}),
        house.client.post("/v1/sessions", content=b"x" * (1024 * 1024 + 1)),
        house.client.get("/v1/me", headers={"Authorization": "A" * 9_000}),
        house.client.get("/v1/%00"),
    ):
        assert answer.status_code >= 400
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_over_https_a_browser_is_told_to_stay_there(house):
    secure = beside(house, base="https://trade.example")
    assert secure.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in beside(house, base="http://trade.example").get("/healthz").headers


def beside(house, base="http://trade.example"):
    """Another application of this process, asked without a wire: it shares database and Valkey with the house's."""
    app = create_app(house.settings())

    class Client:
        def request(self, method, path, **more):
            async def ask():
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base) as client:
                    return await client.request(method, path, **more)

            return asyncio.run(ask())

        def get(self, path, **more):
            return self.request("GET", path, **more)

        def options(self, path, **more):
            return self.request("OPTIONS", path, **more)

    return Client()


def preflight(client, origin, method="POST", wanted="authorization,content-type"):
    given = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    return client.options("/v1/orders", headers=given)


def test_no_other_origin_may_call_by_itself(house):
    for origin in (ELSEWHERE, "null", str(house.client.base_url)):
        answer = preflight(house.client, origin)
        assert answer.status_code == 400 and "access-control-allow-origin" not in answer.headers
        asked = house.client.get("/v1/me", headers=house.auth("retail") | {"Origin": origin})
        assert "access-control-allow-origin" not in asked.headers


def test_named_origins_may_call_with_a_token_but_never_with_a_cookie(house, limits):
    limits(cors_origins=f"{ELSEWHERE}, https://other.example:8443")
    client = beside(house)
    allowed = preflight(client, ELSEWHERE)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ELSEWHERE)
    assert "access-control-allow-credentials" not in allowed.headers
    assert "Idempotency-Key" in allowed.headers["access-control-allow-headers"]
    asked = client.get("/v1/me", headers=house.auth("retail") | {"Origin": ELSEWHERE})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ELSEWHERE)
    assert "Origin" in asked.headers["vary"] and "Retry-After" in asked.headers["access-control-expose-headers"]
    refused = client.get("/v1/me", headers={"Origin": ELSEWHERE})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ELSEWHERE)
    for origin in (
        "https://desk.example.evil.example",
        "http://desk.example",
        "https://desk.example:1",
        ELSEWHERE.upper(),
    ):
        assert "access-control-allow-origin" not in preflight(client, origin).headers
    assert preflight(client, ELSEWHERE, method="TRACE").status_code == 400
    assert preflight(client, ELSEWHERE, wanted="rivermouth-csrf").status_code == 400


def test_a_page_reads_only_the_answers_of_the_house_that_named_it(house):
    """The other house's token is good, and its answer is none of this page's business."""
    change = {"origins": [ELSEWHERE]}
    assert house.client.patch(f"/v1/tenants/{house.first}", json=change, headers=house.auth("admin")).status_code == 200
    client = beside(house)
    try:
        assert preflight(client, ELSEWHERE).headers["access-control-allow-origin"] == ELSEWHERE
        ours = client.get("/v1/me", headers=house.auth("retail") | {"Origin": ELSEWHERE})
        assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, ELSEWHERE)
        token = house.login("retail@second.example").json()["access_token"]
        theirs = client.get("/v1/me", headers={"Authorization": f"Bearer {token}", "Origin": ELSEWHERE})
        assert theirs.status_code == 200
        assert "access-control-allow-origin" not in theirs.headers
    finally:
        house.client.patch(f"/v1/tenants/{house.first}", json={"origins": []}, headers=house.auth("admin"))


def test_not_everybody_may_say_where_a_request_comes_from():
    for trusted in ("*", "10.0.0.1,*"):
        with pytest.raises(EverybodyTrusted):
            server_options(Settings(trusted_proxies=trusted))


def test_one_address_has_no_more_sockets_than_it_may(house, limits):
    limits(streams_per_address=3)
    opened = [StreamClient(house.client.base_url) for _ in range(3)]
    try:
        fourth = StreamClient(house.client.base_url)
        assert fourth.closed()[0] == CloseCode.FULL
        opened.pop().socket.close()
        deadline = time.monotonic() + 30
        while True:  # the server notices that one went
            again = StreamClient(house.client.base_url)
            again.send(op="ping", id=1)
            try:
                again.receive(timeout=5)
                opened.append(again)
                break
            except ConnectionClosed as refused:
                told = refused.rcvd
            assert told is not None
            assert told.code == CloseCode.FULL, "only because there is no room yet"
            assert time.monotonic() < deadline
    finally:
        for one in opened:
            one.socket.close()
