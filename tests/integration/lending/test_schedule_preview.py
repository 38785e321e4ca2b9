"""A schedule over HTTP: the rows to the last unit, what cannot be one, and that anybody with a session may ask."""

from decimal import Decimal as D

import pytest

BODY = {
    "principal": "1000", "scale": 2, "annual_rate": "0.12", "method": "equal_instalments", "instalments": 3,
    "start_date": "2026-01-15", "every": "1M", "day_count": "30/360",
}  # fmt: skip


def preview(house, who="retail", **changes):
    return house.client.post("/v1/loan-schedules:preview", json=BODY | changes, headers=house.auth(who))


def test_equal_instalments_end_at_zero(house):
    made = preview(house).json()
    assert [row["due_date"] for row in made["rows"]] == ["2026-02-15", "2026-03-15", "2026-04-15"]
    assert [(row["n"], row["payment"], row["balance"]) for row in made["rows"]] == [
        (1, "340.02", "669.98"),
        (2, "340.02", "336.66"),
        (3, "340.03", "0"),
    ]
    assert made["total_interest"] == "20.07"


def test_the_end_of_the_month_is_kept(house):
    made = preview(house, start_date="2026-01-31").json()
    assert [row["due_date"] for row in made["rows"]] == ["2026-02-28", "2026-03-31", "2026-04-30"]


@pytest.mark.parametrize("method", ["bullet", "interest_only", "equal_instalments", "equal_principal"])
@pytest.mark.parametrize("day_count", ["actual/360", "actual/365", "actual/actual", "30/360", "30e/360"])
def test_every_method_and_day_count_amortises(house, method, day_count):
    made = preview(house, method=method, day_count=day_count, scale=8, instalments=12, first_due="2026-03-15").json()
    assert made["rows"][-1]["balance"] == "0"
    assert len(made["rows"]) == (1 if method == "bullet" else 12)


@pytest.mark.parametrize("method", ["bullet", "interest_only", "equal_instalments", "equal_principal"])
@pytest.mark.parametrize(("principal", "scale"), [("123457", 0), ("1000.000000000000000001", 18)])
def test_thirty_years_from_the_end_of_a_month_amortise_at_any_scale(house, method, principal, scale):
    asked = {"method": method, "principal": principal, "scale": scale, "instalments": 360, "start_date": "2027-10-31"}
    made = preview(house, **asked, day_count="actual/actual").json()
    assert made["rows"][-1]["balance"] == "0"
    assert made["rows"][-1]["due_date"] == "2057-10-31"
    assert sum(D(row["principal"]) for row in made["rows"]) == D(principal)
    assert sum(D(row["interest"]) for row in made["rows"]) == D(made["total_interest"])
    ends = {row["due_date"] for row in made["rows"]}
    assert method == "bullet" or {"2028-02-29", "2028-04-30", "2029-02-28"} <= ends


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": "0"}, {"principal": "1.001"}, {"principal": 1000}, {"scale": 19}, {"annual_rate": "-0.1"},
        {"annual_rate": "11"}, {"method": "balloon"}, {"instalments": 0}, {"instalments": 10**9}, {"every": "0M"},
        {"every": "9999Y"}, {"start_date": "2026-02-30"}, {"first_due": "2026-01-15"}, {"day_count": "30/365"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(house, changes):
    assert preview(house, **changes).status_code == 400


def test_it_needs_a_session(house):
    assert house.client.post("/v1/loan-schedules:preview", json=BODY).status_code == 401
