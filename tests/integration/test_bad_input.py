"""Nonsense over real HTTP: always a 4xx problem with a code and a request id, never a 5xx, never the input back."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import pytest
import sqlalchemy.exc
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from identity.auth import public
from kernel import db
from kernel.errors import NotFound
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor
from kernel.money import DecimalString
from rivermouth.http import create_app
from tests.house import serving

router = APIRouter(dependencies=[public()])


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    amount: DecimalString
    more: object = None


@router.post("/echo")
def echo(thing: Thing, key: IdempotencyKey) -> dict[str, object]:
    with db.read_only() as tx:
        return {"name": tx.scalar("SELECT CAST(:name AS text)", name=thing.name), "key": key}


@router.get("/list/{thing_id}")
def listing(thing_id: UUID, cursor: Annotated[str | None, Query()] = None, q: str = "") -> Page[str]:
    where = decode_cursor(cursor, datetime, UUID) if cursor else (datetime(2026, 1, 1, tzinfo=UTC), thing_id)
    with db.read_only() as tx:
        found = tx.scalar("SELECT CAST(:q AS text)", q=q)
    return Page(items=[found], next_cursor=encode_cursor(*where))


@router.get("/fault/{kind}")
def fault(kind: str) -> None:
    if kind == "bug":
        raise KeyError("secret-detail")
    if kind == "away":
        raise sqlalchemy.exc.OperationalError("SELECT secret", {}, OSError("connection refused"))
    if kind == "full":
        raise sqlalchemy.exc.TimeoutError
    if kind in SQL:
        with db.transaction() as tx:
            tx.execute(SQL[kind])
    raise NotFound


SQL = {
    "killed": "SELECT pg_terminate_backend(pg_backend_pid())",
    "deadlock": "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '40P01'; END $$",
    "transaction-too-long": "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '25P04'; END $$",
    "unique": "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '23505'; END $$",
    "division": "SELECT 1/0",
}


@pytest.fixture(scope="module")
def client(house):
    with serving(create_app(house.settings(), routers=[router], lifespans=[], readiness=[])) as made:
        yield made


def post(client, content, **headers):
    return client.post("/echo", content=content, headers={"Content-Type": "application/json", **headers})


def assert_problem(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status), body
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["title"]
    assert body["detail"]
    assert body["type"] == "about:blank"
    return body


GOOD = b'{"name": "x", "amount": "1.5"}'


def test_a_good_body_passes(client):
    assert post(client, GOOD).json() == {"name": "x", "key": None}
    assert post(client, '{"name": "中文 €", "amount": "1"}'.encode()).json()["name"] == "中文 €"
    assert post(client, b'{"name": "\\ud83d\\ude00", "amount": "1"}').json()["name"] == "\U0001f600"


BAD = {
    "not json": b"{",
    "empty": b"",
    "null": b"null",
    "a list": b"[]",
    "two documents": b"{}{}",
    "nan": b'{"name": "x", "amount": "1", "more": NaN}',
    "infinity": b'{"name": "x", "amount": "1", "more": -Infinity}',
    "overflow": b'{"name": "x", "amount": "1", "more": 1e400}',
    "a number of 5000 digits": b'{"name": "x", "amount": "1", "more": ' + b"9" * 5000 + b"}",
    "twice the same name": b'{"name": "x", "amount": "1", "amount": "2"}',
    "twice, inside": b'{"name": "x", "amount": "1", "more": [{"a": 1, "a": 1}]}',
    "nul": b'{"name": "a\\u0000b", "amount": "1"}',
    "nul in a name": b'{"name": "x", "amount": "1", "more": {"\\u0000": 1}}',
    "half a surrogate": b'{"name": "\\ud800", "amount": "1"}',
    "not utf-8": b'{"name": "\xff", "amount": "1"}',
    "utf-16": '{"name": "x", "amount": "1"}'.encode("utf-16"),
    "bom": b"\xef\xbb\xbf" + GOOD,
    "deep list": b"[" * 100_000,
    "deep and closed": b"[" * 400 + b"]" * 400,
    "deep object": b'{"a":' * 400 + b"1" + b"}" * 400,
    "unknown field": b'{"name": "x", "amount": "1", "surprise": 1}',
    "json number": b'{"name": "x", "amount": 1.5}',
    "exponent": b'{"name": "x", "amount": "1e5"}',
    "amount nan": b'{"name": "x", "amount": "NaN"}',
    "wide digits": '{"name": "x", "amount": "１"}'.encode(),
    "boolean": b'{"name": "x", "amount": true}',
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_bad_body_is_400(client, content):
    body = assert_problem(post(client, content), 400, "invalid_request")
    assert "surprise" not in json.dumps(body) or content == BAD["unknown field"]


ODD_TYPES = {
    "none": None,
    "a no-break space before": b"\xa0application/json",
    "a no-break space behind": b"application/json\xa0",
    "a next line before": b"\x85application/json; charset=utf-8",
    "no name": b"application/+json",
    "a space in the name": b"application/my things+json",
    "capitals": b"APPLICATION/Problem+JSON",
}


@pytest.mark.parametrize("content_type", ODD_TYPES.values(), ids=ODD_TYPES)
@pytest.mark.parametrize("name", ["nul", "half a surrogate", "twice the same name", "deep list", "nan"])
def test_no_spelling_of_the_type_gets_a_bad_body_past_the_guard(client, content_type, name):
    headers = {} if content_type is None else {b"Content-Type": content_type}
    assert_problem(client.post("/echo", content=BAD[name], headers=headers), 400, "invalid_request")


def test_a_refusal_names_the_fields_and_does_not_repeat_the_input(client):
    body = assert_problem(post(client, b'{"name": "x", "amount": "hunter2"}'), 400, "invalid_request")
    assert [e["field"] for e in body["errors"]] == ["body.amount"]
    assert "hunter2" not in json.dumps(body)


def test_another_content_type_is_refused(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"):
        assert_problem(post(client, GOOD, **{"Content-Type": kind}), 400, "invalid_request")
    assert_problem(client.post("/echo", content=GOOD), 400, "invalid_request")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"])
def test_each_spelling_of_json_goes_through_the_same_guard(client, kind):
    assert post(client, GOOD, **{"Content-Type": kind}).status_code == 200
    assert_problem(post(client, BAD["twice the same name"], **{"Content-Type": kind}), 400, "invalid_request")
    assert_problem(post(client, BAD["nul"], **{"Content-Type": kind}), 400, "invalid_request")


def test_a_body_of_two_megabytes_is_413_whether_announced_or_not(client):
    big = b'{"name": "' + b"x" * 2_000_000 + b'", "amount": "1"}'
    assert_problem(post(client, big), 413, "body_too_large")
    port = client.base_url.port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        sender.sendall(head)
        try:
            for _ in range(40):
                sender.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:
            pass  # the server has answered and closed
        answer = sender.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    assert b'"code":"body_too_large"' in answer


def test_a_body_of_just_under_a_megabyte_passes(client):
    name = "x" * 1_000_000
    assert post(client, json.dumps({"name": name, "amount": "1"}).encode()).status_code == 200


def test_a_get_with_a_body_of_two_megabytes_is_413(client):
    answer = client.request("GET", "/healthz", content=b"x" * 2_000_000)
    assert_problem(answer, 413, "body_too_large")


ID = "00000000-0000-7000-8000-000000000001"


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "q=%0a", "q=%7F", "q=%1b"])
def test_control_characters_in_the_query_are_400(client, query):
    assert_problem(client.get(f"/list/{ID}?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("path", ["/list/%00", "/list/a%0ab", "/%00", "/v1/%7f"])
def test_control_characters_in_the_path_are_400(client, path):
    assert_problem(client.get(path), 400, "invalid_request")


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "q=%F0%9F%98%80", "q=%C3%A9", "q=%ED%A0%80", "q=%", "q=%zz", "&&&=&", "q=1&q=2"]
)
def test_odd_but_harmless_queries_do_not_fail(client, query):
    assert client.get(f"/list/{ID}?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/list/1", "/list/x%ff", "/list/" + "9" * 5000, "/list/00000000-0000-0000-0000"])
def test_a_bad_id_is_400(client, path):
    assert_problem(client.get(path), 400, "invalid_request")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1/nowhere", "/list/", "/echo/", "//", "/..%2f..%2fetc", "/v1", "/openapi.json/"]
)
def test_an_unknown_address_is_404(client, path):
    assert_problem(client.get(path), 404, "not_found")


def test_an_unknown_method_is_405_and_names_the_known_ones(client):
    answer = client.delete("/echo")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


CURSORS = ["x", "AAAA", "W10", "bnVsbA", "e30", "WzFd", "!!!!", "é", "a" * 5000, encode_cursor("a", "b"), encode_cursor(1, 2),
           encode_cursor(datetime(2026, 1, 1, tzinfo=UTC)), encode_cursor("2026-01-01", ID), encode_cursor("0001-01-01T00:00:00+23:59", "nil")]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS, ids=range(len(CURSORS)))
def test_a_made_up_cursor_is_400(client, cursor):
    assert_problem(client.get(f"/list/{ID}", params={"cursor": cursor}), 400, "invalid_cursor")


def test_a_cursor_that_was_given_out_leads_on(client):
    cursor = client.get(f"/list/{ID}").json()["next_cursor"]
    assert client.get(f"/list/{ID}", params={"cursor": cursor}).json()["next_cursor"] == cursor


@pytest.mark.parametrize("key", [b"", b"\xff", b"a" * 256, "中".encode(), b"a\tb"], ids=range(5))
def test_a_bad_idempotency_key_is_400(client, key):
    answer = client.post("/echo", content=GOOD, headers={"Content-Type": "application/json", "Idempotency-Key": key})
    assert_problem(answer, 400, "invalid_request")


@pytest.mark.parametrize("key", ["a", "a b", "~!{}" + "x" * 251, "550e8400-e29b-41d4-a716-446655440000"])
def test_a_good_idempotency_key_reaches_the_route(client, key):
    assert post(client, GOOD, **{"Idempotency-Key": key}).json()["key"] == key


def test_a_fault_of_ours_is_500_with_an_id_and_without_details(client):
    body = assert_problem(client.get("/fault/bug"), 500, "internal")
    assert "secret" not in json.dumps(body)


def test_a_database_that_is_away_or_full_is_503(client):
    body = assert_problem(client.get("/fault/away"), 503, "database_unavailable")
    assert "secret" not in json.dumps(body)
    answer = client.get("/fault/full")
    assert_problem(answer, 503, "database_busy")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("killed", "database_unavailable"),
        ("deadlock", "database_busy"),
        ("transaction-too-long", "database_busy"),
    ],
)
def test_what_the_database_does_to_a_transaction_is_503_and_passes(client, kind, code):
    body = assert_problem(client.get(f"/fault/{kind}"), 503, code)
    assert "secret" not in json.dumps(body)
    for _ in range(3):
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("kind", ["unique", "division"])
def test_an_unforeseen_refusal_of_the_database_is_a_fault_of_ours(client, kind):
    body = assert_problem(client.get(f"/fault/{kind}"), 500, "internal")
    assert "secret" not in json.dumps(body)


def test_a_decent_request_id_of_the_caller_is_kept_and_another_replaced(client):
    assert client.get("/healthz", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    for bad in (b"a b", b"x" * 65, b"\xff", b"a;b"):
        given = client.get("/healthz", headers={"X-Request-Id": bad}).headers["x-request-id"]
        assert UUID(given)


def test_readiness_tells_the_reason_and_health_does_not_depend_on_it(client, house):
    assert client.get("/readyz").json()["ready"] is True
    db.dispose()
    try:
        answer = client.get("/readyz")
    finally:
        db.configure(house.settings().database_url, pool_size=4)
    assert answer.status_code == 503
    assert answer.json()["conditions"] == [{"name": "database", "ok": False, "reason": "the check failed"}]
    assert client.get("/healthz").status_code == 200


def test_a_route_is_measured_under_its_template(client):
    assert client.get(f"/list/{ID}").status_code == 200
    text = client.get("/metrics").text
    assert 'rivermouth_http_seconds_count{method="GET",route="/list/{thing_id}",status="200"}' in text
    assert ID not in text
    assert "/nowhere" not in text
