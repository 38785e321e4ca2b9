"""Views of a market, made by hand."""

import pytest

from tests.market_views import make_instrument, make_quote, make_view


@pytest.fixture
def instrument():
    return make_instrument


@pytest.fixture
def quote():
    return make_quote


@pytest.fixture
def view():
    return make_view
