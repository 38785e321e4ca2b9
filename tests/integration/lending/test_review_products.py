"""What a next version must not do: change what the loans of the versions before it are charged."""

from tests.integration.lending.test_products import desk  # noqa: F401  a fixture
from tests.product_desk import wish


def test_another_spread_is_another_product(desk):  # noqa: F811
    floating = {"rate_mode": "FLOATING", "rate": "0"}
    made = desk.draft(name="floats", **floating, spread="0.03")
    desk.publish(made["id"])
    same = {"product_id": made["id"], "name": "floats", "min_amount": "200"}
    refused = desk.call("product", "POST", "/loan-products", wish(**same, **floating, spread="0.15"))
    assert (refused.status_code, refused.json()["code"]) == (400, "terms_do_not_fit")
    assert refused.json()["field"] == "terms.spread"
    assert desk.draft(**same, **floating, spread="0.03")["version"] == 2
