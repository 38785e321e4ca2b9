"""The Celery worker: takes pokes, reports and bulk jobs from the queue, two at a time."""

from __future__ import annotations

from celery.signals import worker_ready

from kernel import cache, log
from kernel.settings import settings
from kernel.tasks import app
from rivermouth import readiness


def main() -> None:
    """Run until SIGTERM."""
    log.configure("worker", settings().log_level)
    redis_url = settings().redis_url
    assert redis_url is not None, "the CLI sets RIVERMOUTH_REDIS_URL"
    cache.configure(redis_url)
    worker_ready.connect(lambda **_: readiness.announce(), weak=False)
    options = ("--pool", "threads", "--concurrency", "2", "--loglevel", settings().log_level)
    app.worker_main(["worker", *options, "--without-gossip", "--without-mingle", "--without-heartbeat"])
