"""The fixtures of the house are for every attack below."""

from tests.integration.conftest import *  # noqa: F403
