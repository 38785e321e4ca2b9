"""What nobody needs any more is deleted by the schedule; what still counts stays."""

from datetime import UTC, datetime

import pytest

from kernel import cache, db
from rivermouth import registry


@pytest.fixture
def as_engine(house):
    """The schedule runs as the engine's role."""
    db.configure(house.database.engine, pool_size=2)
    yield
    db.configure(house.database.app)


def test_the_schedule_forgets_dead_sessions_tokens_nonces_and_challenges(house, as_engine):
    cache.client().flushall()
    db.configure(house.database.app)
    pairs = [house.login("retail@first.example").json() for _ in range(3)]
    house.client.post("/v1/sessions/refresh", json={"refresh_token": pairs[0]["refresh_token"]})
    house.client.post("/v1/sessions/passkey-offers")
    db.configure(house.database.engine, pool_size=2)
    with house.sql("superuser") as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM identity.sessions ORDER BY id")]
        old = "created_at = now() - interval '90 days', expires_at = now() - interval '31 days'"
        connection.execute(f"UPDATE identity.sessions SET {old} WHERE id = %s", [ids[1]])
        connection.execute(f"UPDATE identity.tokens SET {old} WHERE session_id = %s AND used_at IS NOT NULL", [ids[0]])
        connection.execute("UPDATE identity.passkey_challenges SET expires_at = now() - interval '1 second'")
    registry._tidy_up(datetime.now(UTC))
    with house.sql("superuser") as connection:
        left = connection.execute("SELECT id FROM identity.sessions ORDER BY id").fetchall()
        assert [row[0] for row in left] == [ids[0], ids[2]]
        counted = connection.execute(
            "SELECT session_id, count(*) FROM identity.tokens GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert counted == [(ids[0], 3), (ids[2], 2)]
        assert connection.execute("SELECT count(*) FROM identity.passkey_challenges").fetchone() == (0,)
