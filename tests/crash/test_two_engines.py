"""Two engines on one database, in small; `./run prove two-engines` kills more often."""

import pytest

from rivermouth.prove import two_engines
from rivermouth.prove.stack import running

pytestmark = [pytest.mark.crash, pytest.mark.stack]


def test_the_other_engine_goes_on():
    report = two_engines.new_report()
    with running(env=two_engines.SETTINGS) as stack:
        two_engines.one_kill(stack, report, number=0, orders=60)
    assert report.failed == []
