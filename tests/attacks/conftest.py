"""The fixtures of the house are for every attack below."""

from tests.integration.conftest import *  # noqa: F403
from tests.withdrawal_desk import paying_house, payouts  # noqa: F401
