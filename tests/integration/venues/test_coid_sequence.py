"""Client order numbers: fresh for app and engine, below 2^45, and past everything an earlier database can have used."""

import pytest

from kernel import db
from venues import coids


@pytest.mark.parametrize("role", ["app", "engine"])
def test_numbers_are_fresh_and_in_range(database, role):
    db.configure(getattr(database, role))
    try:
        with db.transaction() as tx:
            first = coids.take(tx, 3)
        with db.transaction() as tx:
            (later,) = coids.take(tx)
    finally:
        db.dispose()
    assert first == [first[0], first[0] + 1, first[0] + 2]
    assert later == first[-1] + 1
    assert 4096 * 50_000_000 < first[0] < coids.LIMIT
    assert len(coids.for_venue("kraken", later)) <= 18
