import pytest

from tests.withdrawal_desk import paying_house, payouts

__all__ = ["paying_house", "payouts"]


@pytest.fixture
def desk(payouts):
    return payouts
