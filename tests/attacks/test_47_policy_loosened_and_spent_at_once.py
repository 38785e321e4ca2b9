"""An administrator loosens the policy and lets money out at once: the change needs a second person, and then it needs its time."""

from datetime import datetime, timedelta

import pytest
from psycopg import errors

from identity.principals import service as principals
from identity.tenants import policies
from kernel import db
from tests.ledger_books import as_engine
from tests.tenant_desk import SECOND, TenantDesk

LOOSER = [
    ({"whitelist_delay_h": 0}, ["whitelist_delay_h"]),
    ({"change_delay_h": 1}, ["change_delay_h"]),
    ({"custody": "partner"}, ["custody"]),
    ({"limits": {"withdrawal_day": "1000000"}}, ["limits.withdrawal_day"]),
    ({"whitelist_delay_h": 48, "limits": {"withdrawal_single": "5"}}, ["limits.withdrawal_single"]),
]


@pytest.fixture(scope="module")
def desk(house):
    return TenantDesk(house)


def in_force(desk):
    with db.read_only(tenant=desk.house.first) as tx:
        return policies.in_force(tx)


@pytest.mark.parametrize(("body", "loosens"), LOOSER, ids=[",".join(names) for _, names in LOOSER])
def test_47_nothing_is_looser_before_a_second_person_and_the_delay(desk, body, loosens):
    before = desk.policy()
    answer = desk.ask(body)
    assert (answer.status_code, answer.json()["waiting"]["loosens"]) == (202, loosens)
    assert (desk.policy()["policy"], in_force(desk).plain) == (before["policy"], before["policy"])

    own = desk.decide("approve", who="admin")
    assert (own.status_code, own.json()["code"]) == (403, "approval_own_request")
    assert desk.decide("approve").status_code == 200
    desk.run()
    change = desk.waiting()
    assert (change["state"], change["approved_by"]) == ("scheduled", str(desk.house.ids[SECOND]))
    assert in_force(desk).plain == before["policy"]

    desk.advance(before["policy"]["change_delay_h"] - 1)
    assert in_force(desk).plain == before["policy"]
    desk.advance(1)
    after = desk.policy()
    assert (after["version"], after["waiting"]) == (before["version"] + 1, None)
    assert after["policy"] == change["after"] == in_force(desk).plain != before["policy"]


def test_47_a_second_account_of_the_same_person_is_no_second_person(desk):
    with as_engine(desk.house.database):
        principals.same_person(desk.house.first, ["admin@first.example", SECOND])
    try:
        assert desk.ask({"whitelist_delay_h": 0, "limits": {"withdrawal_unreviewed": "7"}}).status_code == 202
        refused = desk.decide("approve")
        assert (refused.status_code, refused.json()["code"]) == (403, "approval_own_request")
    finally:
        with desk.house.sql("superuser") as root:
            root.execute("UPDATE identity.principals SET person_id = NULL")
        path = f"/policy-changes/{desk.waiting()['id']}/withdraw"
        assert desk.call("admin", "POST", path).json()["state"] == "ended"


def test_47_the_highest_rate_goes_up_as_slowly(desk):
    assert desk.ask({"highest_apr": "0.2"}).status_code == 200
    assert desk.ask({"highest_apr": "0.3"}).status_code == 202
    assert desk.decide("approve").status_code == 200
    desk.run()
    for rate in ("0.3", "0.4"):
        with (
            desk.house.sql("engine", desk.house.first) as connection,
            pytest.raises(errors.CheckViolation, match="two people"),
        ):
            connection.execute(
                "UPDATE identity.policies SET version = version + 1, change_id = %s, highest_apr = %s WHERE tenant_id = %s",
                [desk.waiting()["id"], rate, desk.house.first],
            )
    desk.advance(desk.policy()["policy"]["change_delay_h"])
    assert in_force(desk).plain["highest_apr"] == "0.3"


@pytest.mark.parametrize("role", ["app", "engine"])
def test_47_the_table_refuses_what_a_program_might_try(desk, role):
    """The database role of the product writes the row itself: looser is refused there too, also with an approval whose time has not come."""
    assert desk.ask({"limits": {"withdrawal_day": "90000000"}}).status_code == 202
    desk.decide("approve")
    desk.run()
    change = desk.waiting()
    assert change["state"] == "scheduled"
    for id_ in (None, change["id"]):
        with (
            desk.house.sql(role, desk.house.first) as connection,
            pytest.raises(errors.CheckViolation, match="two people"),
        ):
            connection.execute(
                """UPDATE identity.policies SET version = version + 1, change_id = %s,
                          limits = limits || '{"withdrawal_day": "90000000"}' WHERE tenant_id = %s""",
                [id_, desk.house.first],
            )
    assert desk.call("admin", "POST", f"/policy-changes/{change['id']}/withdraw").status_code == 200


def test_47_the_application_cannot_say_that_somebody_agreed(desk):
    assert desk.ask({"limits": {"withdrawal_day": "99000000"}}).status_code == 202
    change = desk.waiting()["id"]
    past = datetime.fromisoformat(desk.waiting()["asked_at"]) - timedelta(days=2)
    for statement, given in (
        ("UPDATE identity.policy_changes SET state = 'scheduled', approved_by = %s, effective_at = %s WHERE id = %s",
         [desk.house.ids[SECOND], past, change]),
        ("UPDATE identity.policy_changes SET state = 'scheduled' WHERE id = %s", [change]),
    ):  # fmt: skip
        with (
            desk.house.sql("app", desk.house.first) as connection,
            pytest.raises((errors.InsufficientPrivilege, errors.CheckViolation)),
        ):
            connection.execute(statement, given)
    assert desk.call("admin", "POST", f"/policy-changes/{change}/withdraw").status_code == 200
