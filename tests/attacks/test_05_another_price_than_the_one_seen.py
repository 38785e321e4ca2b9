"""What the request says it costs is not what it costs: nothing is set aside, and the price of now is shown."""

import pytest

from kernel.ids import uuid7
from tests.crowd import at_once


class Shop:
    """Somebody with a thousand at the till of the first house."""

    def __init__(self, payouts):
        self.payouts, self.anna = payouts, payouts.customer("1000")
        self.sku = f"ticket-{uuid7().hex[-12:]}"
        made = self.staff("POST", "", sku=self.sku, name="Ticket", price="200", asset="USDT", stock=100)
        assert made.status_code == 201, made.text

    def staff(self, method, path, **body):
        house = self.payouts.house
        return house.client.request(method, f"/v1/products{path}", json=body, headers=house.auth("product"))

    def costs(self, price):
        assert self.staff("PATCH", f"/{self.sku}", price=price).status_code == 200

    def order(self, quantity=1, **more):
        return self.anna.ask("POST", "/payment-orders", {"sku": self.sku, "quantity": quantity, **more})

    def ordered(self, quantity=1):
        answer = self.order(quantity)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def prepay(self, order_id, seen):
        return self.anna.ask("POST", f"/payment-orders/{order_id}/prepay", {"amount_seen": seen})

    def refused(self, order_id, seen):
        """(price, amount) that the refusal shows."""
        answer = self.prepay(order_id, seen)
        assert (answer.status_code, answer.json()["code"]) == (409, "price_changed"), answer.text
        assert self.anna.ask("GET", f"/payment-orders/{order_id}").json()["status"] == "pending"
        assert self.anna.ask("POST", f"/payment-orders/{order_id}/pay").json()["code"] == "order_not_reserved"
        return answer.json()["price"], answer.json()["amount"]


@pytest.fixture
def shop(payouts):
    return Shop(payouts)


@pytest.mark.parametrize("seen", ["0.01", "199.999999", "200.000001", "400", "0", "-200", "2" + "0" * 37])
def test_05_an_amount_of_ones_own_freezes_nothing(shop, seen):
    order = shop.ordered()
    assert shop.refused(order, seen) == ("200", "200")
    assert shop.anna.has() == (1000, 0)
    assert shop.prepay(order, "200.00").json()["status"] == "reserved"
    assert shop.anna.has() == (800, 200)


def test_05_a_price_that_moved_is_shown_and_neither_the_old_nor_the_new_is_taken(shop):
    order = shop.ordered(2)
    shop.costs("150")
    assert shop.refused(order, "400") == shop.refused(order, "300") == ("150", "300")
    shop.costs("200")  # back again: it is another price all the same, which nobody was shown for this order
    assert shop.refused(order, "400") == ("200", "400")
    assert shop.anna.has() == (1000, 0)
    assert shop.prepay(shop.ordered(2), "400").status_code == 200


@pytest.mark.parametrize("mine", [{"price": "1"}, {"amount": "1"}, {"price_version": 1}, {"discount": "199"}])
def test_05_an_order_has_no_room_for_a_price(shop, mine):
    answer = shop.order(**mine)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_05_what_is_set_aside_while_the_price_moves_is_what_was_seen(shop):
    orders = [shop.ordered() for _ in range(5)]
    answers = at_once([*(lambda one=one: shop.prepay(one, "200") for one in orders), lambda: shop.costs("150")])[:-1]
    taken = [answer for answer in answers if answer.status_code == 200]
    assert {answer.json()["amount"] for answer in taken} <= {"200"}
    assert {answer.json()["price"] for answer in answers if answer not in taken} <= {"150"}
    assert shop.anna.has() == (1000 - 200 * len(taken), 200 * len(taken))
    for order in orders:  # paid is what was set aside, whatever it costs by now
        shop.anna.ask("POST", f"/payment-orders/{order}/pay")
    assert shop.anna.has() == (1000 - 200 * len(taken), 0)
