"""Each loan and each product is worked off apart: one that fails is told to the operator, counted, and tried again at the next run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kernel import log
from kernel.errors import DomainError
from kernel.metrics import LENDING_FAILURES

_Result = TypeVar("_Result")
_log = log.get("lending.life")


def attempt(failed: str, work: Callable[[], _Result], **about: object) -> _Result | None:
    """What the work answers, or None if it failed, which stops nobody else. `failed` is what the log and the metric call that."""
    known = {name: str(value) for name, value in about.items()}
    try:
        return work()
    except DomainError as refusal:
        _log.error(failed, code=refusal.code, detail=refusal.detail, **known)
    except Exception as error:  # noqa: BLE001  the others must go on
        _log.error(failed, error=repr(error), exc_info=True, **known)
    LENDING_FAILURES.labels(failed).inc()
    return None
