"""What earn brings along, for the registry: its routes, what it does on events and on time, and what keeps an account open."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from earn.claims import PRINCIPAL
from earn.coupons import tasks as coupons
from earn.coupons.api import router as earn_coupons
from earn.instances import tasks as instances
from earn.instances.api import router as earn_instances
from earn.payouts import tasks as payouts
from earn.payouts.api import router as earn_payouts
from earn.renewals.api import router as renewals
from earn.reports.api import router as earn_reports
from earn.subscriptions.api import router as subscriptions
from earn.subscriptions.preview_api import router as earn_previews
from earn.subscriptions.service import runs
from earn.templates import tasks as templates
from earn.templates.api import router as earn_templates
from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from wallet_bridge.reserves.claims import Claim

ROUTERS: tuple[APIRouter, ...] = (
    earn_templates,
    earn_instances,
    earn_previews,
    subscriptions,
    renewals,
    earn_coupons,
    earn_payouts,
    earn_reports,
)
CONSUMERS: tuple[Consumer, ...] = (
    Consumer("earn_templates", {"identity.approval_granted.v1": templates.granted}),
    Consumer("earn_coupons", {"identity.approval_granted.v1": coupons.granted}),
    Consumer("earn_instances", {"earn.template_published.v1": instances.published}),
)
CLAIMS: dict[str, Claim] = {"earn": PRINCIPAL}
RUNNING: dict[str, Runs] = {"earn": runs}
SCHEDULES: tuple[Schedule, ...] = (
    # Caught up on beside the days: after a pause what is renewed finds the days of sale that the pause did not make.
    Schedule("earn_instances", timedelta(days=1), instances.generate, catch_up=True),
    # No day is left out, and days run in their order; the hours between pay what fell due since.
    Schedule("earn_days", timedelta(days=1), payouts.hour, catch_up=True),
    Schedule("earn_hours", timedelta(hours=1), payouts.hour),
    Schedule("earn_watch", timedelta(hours=1), payouts.watch),
)
