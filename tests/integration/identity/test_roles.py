"""The matrix of roles over HTTP: what it says is what every route judges by, and each tenant counts its own people."""

from __future__ import annotations

import pytest

from identity.permissions import ROLE_PERMISSIONS, Permission
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from tests.house import PASSWORD


def matrix(house, who="auditor"):
    answer = house.client.get("/v1/roles", headers=house.auth(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


def people(house, role):
    return {row["role"]: row["people"] for row in matrix(house)["items"]}[role]


def test_the_matrix_is_the_table_that_routes_judge_by(house):
    told = matrix(house)
    assert {row["role"]: set(row["permissions"]) for row in told["items"]} == {
        role.value: {permission.value for permission in held} for role, held in ROLE_PERMISSIONS.items()
    }
    assert told["permissions"] == [permission.value for permission in Permission]


def test_it_counts_the_staff_who_are_there_now(house):
    before = people(house, "treasury")
    email = f"t{uuid7().hex}@first.example"
    made = principals.ensure_staff(house.first, email=email, password=PASSWORD, roles=[Role.TREASURY])
    assert people(house, "treasury") == before + 1
    with db.transaction(tenant=house.first) as tx:
        principals.disable(tx, made)
    assert people(house, "treasury") == before
    assert people(house, "retail") is None  # customers are not counted here


@pytest.mark.parametrize("who", ["retail", "support", "finance", "treasury"])
def test_whoever_does_not_look_after_roles_does_not_see_them(house, who):
    answer = house.client.get("/v1/roles", headers=house.auth(who))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
