"""Every id of another user or tenant is 404, and it is written down that somebody asked; the matrix of all routes is `test_ownership_matrix`."""

import time

import pytest

from identity.principals.states import Role
from kernel.ids import uuid7
from rivermouth.denials import PER_MINUTE
from tests.possessions import World

PATIENCE_S = 90


@pytest.fixture(scope="module")
def world(house):
    return World(house)


def denials(world, who):
    """What stands in the audit of the first house about this principal, newest first."""
    with world.house.sql("app", world.house.first) as connection:
        return connection.execute(
            """SELECT resource_id, details ->> 'route', (details ->> 'left_out')::int, via, address FROM identity.audit_entries
                WHERE action = 'request.denied' AND actor = %s ORDER BY id DESC""",
            [who],
        ).fetchall()


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "not written down in time"
        time.sleep(0.05)


def get(world, path, role=Role.RETAIL):
    return world.house.client.get(path, headers=world.house.auth(role))


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
@pytest.mark.parametrize(
    ("thing", "path", "route"),
    [
        ("order", "/v1/orders/{}", "/v1/orders/{order_id}"),
        ("account", "/v1/accounts/{}/entries", "/v1/accounts/{id}/entries"),
        ("webhook", "/v1/webhooks/{}/deliveries", "/v1/webhooks/{id}/deliveries"),
    ],
)
def test_38_an_id_of_somebody_else_is_404_and_written_down(world, who, thing, path, route):
    foreign = str(world.give(thing, who))
    before = len(denials(world, world.house.ids[Role.RETAIL]))
    answer = get(world, path.format(foreign))
    assert answer.status_code == 404
    until(lambda: len(denials(world, world.house.ids[Role.RETAIL])) > before)
    resource, told, left_out, via, address = denials(world, world.house.ids[Role.RETAIL])[0]
    assert (resource, told, left_out, via) == (foreign, f"GET {route}", 0, "session")
    assert address


def test_38_an_id_of_another_house_in_an_export_is_refused_and_written_down(world):
    wish = {"what": "statement", "account": world.holders["stranger"].account}
    finance = world.house.ids[Role.FINANCE]
    answer = world.house.client.post("/v1/ledger/exports", json=wish, headers=world.house.auth(Role.FINANCE))
    assert answer.status_code in {400, 404}, answer.text
    export = world.give("export", "stranger")
    assert get(world, f"/v1/ledger/exports/{export}/file", Role.FINANCE).status_code == 404
    until(lambda: str(export) in {row[0] for row in denials(world, finance)})


def test_38_what_is_there_or_has_a_common_name_is_not_written_down(world):
    support = world.house.ids[Role.TREASURY]
    assert get(world, "/v1/markets/NO-SUCH/book", Role.TREASURY).status_code in {400, 404}
    assert get(world, f"/v1/controls/{world.give('control', 'mine')}", Role.TREASURY).status_code == 200
    last = uuid7()
    assert get(world, f"/v1/controls/{last}", Role.TREASURY).status_code == 404
    until(lambda: denials(world, support))
    assert [row[0] for row in denials(world, support)] == [str(last)]


def test_38_who_asks_for_thousands_fills_no_table(world):
    for _ in range(PER_MINUTE * 2):
        assert get(world, f"/v1/decisions/{uuid7()}", Role.SUPPORT).status_code == 404
    support = world.house.ids[Role.SUPPORT]
    until(lambda: len(denials(world, support)) >= PER_MINUTE)
    assert len(denials(world, support)) <= 2 * PER_MINUTE - 1  # a new minute may have begun in between


def test_38_an_answer_says_nothing_about_whether_the_thing_exists(world):
    foreign, nowhere = world.give("order", "neighbour"), uuid7()
    seen = [get(world, f"/v1/orders/{one}").json() for one in (foreign, nowhere)]
    for body in seen:
        body.pop("request_id")
    assert seen[0] == seen[1]
