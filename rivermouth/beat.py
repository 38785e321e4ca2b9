"""Celery beat: a clock that pokes. Forgetting when it last did costs nothing, so its file may lie anywhere that can be written."""

from __future__ import annotations

from celery.signals import beat_init

from kernel import log
from kernel.settings import settings
from kernel.tasks import app
from rivermouth import readiness


def main() -> None:
    """Run until SIGTERM."""
    log.configure("beat", settings().log_level)
    folder = settings().data_dir / "run"
    folder.mkdir(parents=True, exist_ok=True)
    beat_init.connect(lambda **_: readiness.announce(), weak=False)
    app.start(["beat", "--schedule", str(folder / "beat"), "--pidfile=", "--loglevel", settings().log_level])
