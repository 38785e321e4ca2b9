"""The Celery worker: takes pokes, reports and bulk jobs from the queue, two at a time."""

from __future__ import annotations

from celery.signals import worker_ready

from kernel import cache, db, log
from kernel.settings import settings
from kernel.tasks import app
from payments.exports import tasks as exports
from payments.imports import tasks as imports
from rivermouth import exported, readiness

TASKS = (exports.run, imports.run)
"""What a worker knows to do; naming them here loads them."""


def main() -> None:
    """Run until SIGTERM."""
    log.configure("worker", settings().log_level)
    exported.begin()
    redis_url, database_url = settings().redis_url, settings().database_url
    assert redis_url is not None, "the CLI sets RIVERMOUTH_REDIS_URL"
    assert database_url is not None, "the CLI sets RIVERMOUTH_DATABASE_URL"
    cache.configure(redis_url)
    db.configure(database_url, pool_size=4, application_name="rivermouth-worker")
    worker_ready.connect(lambda **_: readiness.announce(), weak=False)
    options = ("--pool", "threads", "--concurrency", "2", "--loglevel", settings().log_level)
    app.worker_main(["worker", *options, "--without-gossip", "--without-mingle", "--without-heartbeat"])
