"""Runs and refused rows over HTTP: for staff, in pages, of their own house."""

import pytest

from tests.earn_desk import EarnDesk


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    for _ in range(3):
        run = made.call("product", "POST", "/payouts:run", {"date": "2020-01-01"})
        assert run.status_code == 200, run.text
    return made


def test_runs_come_newest_first_in_pages(desk):
    first = desk.call("finance", "GET", "/payouts?limit=2").json()
    assert [set(run) for run in first["items"]] == [
        {"id", "due_by", "started_at", "ended_at", "state", "paid", "refused", "still_due"}
    ] * 2
    assert {(run["state"], run["paid"], run["refused"], run["still_due"]) for run in first["items"]} == {
        ("ended", 0, 0, 0)
    }
    rest = desk.call("finance", "GET", f"/payouts?limit=2&cursor={first['next_cursor']}").json()
    ids = [run["id"] for run in [*first["items"], *rest["items"]]]
    assert (len(ids), ids, rest["next_cursor"]) == (3, sorted(ids, reverse=True), None)


def test_nobody_else_sees_them(desk):
    for path in ("/payouts", "/payouts/refused"):
        assert desk.call("retail", "GET", path).status_code == 403
        assert desk.call("finance", "GET", f"{path}?cursor=nonsense").json()["code"] == "invalid_cursor"
    assert desk.call("finance", "GET", "/payouts/refused").json() == {"items": [], "next_cursor": None}
