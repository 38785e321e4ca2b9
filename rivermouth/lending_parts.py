"""What lending brings along, for the registry: its routes, what it does on events and on time, what is reconciled of it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from lending.desk import tasks as desk
from lending.desk.api import router as loans
from lending.funding import tasks as funding
from lending.funding.api import router as funding_lines
from lending.funding.comparison import FundingAtVenues, FundingLines
from lending.life import tasks as days
from lending.life.api import router as spread
from lending.liquidation import tasks as selling
from lending.liquidation import writing_off
from lending.liquidation.api import router as liquidations
from lending.loans.service import runs
from lending.products import tasks as products
from lending.products.api import router as loan_products
from lending.reports.api import router as loan_book
from lending.schedules.api import router as loan_schedules
from lending.watch import tasks as watch
from lending.watch.api import router as loan_watch
from payments.reconciliation.sources import Part

ROUTERS: tuple[APIRouter, ...] = (
    loan_products,
    loan_schedules,
    loans,
    loan_watch,
    loan_book,
    funding_lines,
    spread,
    liquidations,
)
CONSUMERS: tuple[Consumer, ...] = (
    Consumer("liquidations", {"broker.sale_ended.v1": selling.ended}),
    Consumer("write_offs", {"identity.approval_granted.v1": writing_off.granted}),
    Consumer("funding_lines", {"identity.approval_granted.v1": funding.granted}),
    Consumer("loan_products", {"identity.approval_granted.v1": products.granted}),
    Consumer("loans", {"lending.funding_drawn.v1": desk.funded, "lending.funding_refused.v1": desk.refused}),
    Consumer(
        "entered_prices",
        {"identity.approval_granted.v1": watch.granted, "identity.approval_ended.v1": watch.ended},
    ),
)
COMPARISONS: tuple[Part, ...] = (FundingLines(), FundingAtVenues())
RUNNING: dict[str, Runs] = {"lending": runs}
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("loan_quotes", timedelta(minutes=10), desk.forget_quotes),
    # The day's work, no day left out; and every hour what became possible since.
    Schedule("lending_days", timedelta(days=1), days.day, catch_up=True),
    Schedule("lending_hours", timedelta(hours=1), days.day),
)
