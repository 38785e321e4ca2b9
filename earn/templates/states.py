"""The words of a template: its own life, and what becomes of a subscription at its maturity."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class TemplateStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # nothing new is planned; what was planned or sold keeps its version


TEMPLATE = States(
    "earn template",
    TemplateStatus,
    initial={TemplateStatus.DRAFT},
    moves={
        TemplateStatus.DRAFT: {TemplateStatus.PUBLISHED, TemplateStatus.RETIRED},
        TemplateStatus.PUBLISHED: {TemplateStatus.RETIRED},
        TemplateStatus.RETIRED: set(),
    },
)


class Renewal(StrEnum):
    """What a customer may choose for the day of maturity."""

    PAY_OUT = "pay_out"  # principal and interest to the account
    RENEW_PRINCIPAL = "renew_principal"  # the principal into the next instance, the interest to the account
    RENEW_ALL = "renew_all"  # principal and the last interest into the next instance
    MOVE = "move"  # the principal into the next instance of another template
