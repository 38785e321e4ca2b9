"""Celery carries pokes, reports and bulk jobs, never a step of a customer's order: losing every message loses nothing.

Schedules are rows in the database that the engine runs when they are due; beat only wakes it up.
"""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError

from kernel import cache, log, schedules
from kernel.settings import settings

POKE_EVERY_S = 10.0
_ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
_log = log.get("tasks")


def broker_url(redis_url: str) -> str:
    """The same server in the words of kombu, which names a socket differently."""
    if redis_url.startswith("unix://"):
        path, _, query = redis_url.removeprefix("unix://").partition("?")
        database = query.removeprefix("db=") or "0"
        return f"redis+socket://{path}?virtual_host={database}"
    return redis_url


app = Celery("rivermouth", broker=broker_url(settings().redis_url or "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_default_queue="rm:tasks",
    timezone="UTC",
    beat_schedule={
        "poke-schedules": {"task": "kernel.poke_schedules", "schedule": POKE_EVERY_S, "options": {"expires": 30}}
    },
)


@app.task(name="kernel.poke_schedules")  # type: ignore[untyped-decorator]
def poke_schedules() -> None:
    """Wake whoever runs what is due."""
    cache.publish(schedules.CHANNEL)


def send(name: str, *arguments: str) -> None:
    """Ask a worker to do something, soon. The row that says what is to be done is the truth, so a lost message is only logged."""
    url = broker_url(settings().redis_url or "redis://127.0.0.1:6379/0")
    try:
        with app.connection_for_write(url, transport_options=_ONE_TRY) as connection:
            app.send_task(name, arguments, connection=connection, retry=False, expires=600)
    except (OperationalError, OSError) as error:
        _log.warning("message_lost", task=name, error=str(error)[:200])
