"""When days of sale are made: once a day, and when a version is published."""

from __future__ import annotations

from datetime import datetime

from earn.instances import service
from earn.templates.events import TemplatePublished
from identity.tenants import service as tenants
from kernel import log
from kernel.db import Tx

_log = log.get("earn_instances")


def generate(_due: datetime) -> None:
    """Every house's days. One that fails keeps nobody waiting; its error is raised once the others are done."""
    failed: list[Exception] = []
    for tenant in (row.id for row in tenants.every()):
        try:
            service.generate(tenant)
        except Exception as error:  # noqa: BLE001  the other houses must have their days
            _log.error("earn_instances_failed", tenant=str(tenant), error=repr(error))
            failed.append(error)
    if failed:
        raise failed[0]


def published(tx: Tx, fact: TemplatePublished) -> None:
    service.plan(tx, fact.template_id)
