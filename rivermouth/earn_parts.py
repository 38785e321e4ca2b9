"""What earn brings along, for the registry: its routes, what it does on events, and what it does on time."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from earn.instances import tasks as instances
from earn.instances.api import router as earn_instances
from earn.payouts import tasks as payouts
from earn.payouts.api import router as earn_payouts
from earn.subscriptions.api import router as subscriptions
from earn.subscriptions.preview_api import router as earn_previews
from earn.templates import tasks as templates
from earn.templates.api import router as earn_templates
from kernel.outbox import Consumer
from kernel.schedules import Schedule

ROUTERS: tuple[APIRouter, ...] = (earn_templates, earn_instances, earn_previews, subscriptions, earn_payouts)
CONSUMERS: tuple[Consumer, ...] = (
    Consumer("earn_templates", {"identity.approval_granted.v1": templates.granted}),
    Consumer("earn_instances", {"earn.template_published.v1": instances.published}),
)
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("earn_instances", timedelta(days=1), instances.generate),
    # No day is left out, and days run in their order; the hours between pay what fell due since.
    Schedule("earn_days", timedelta(days=1), payouts.hour, catch_up=True),
    Schedule("earn_hours", timedelta(hours=1), payouts.hour),
)
