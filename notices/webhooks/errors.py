"""Refusals about webhooks."""

from __future__ import annotations

from kernel.errors import DomainError


class WebhookUrlRefused(DomainError):
    """Nothing is sent to this address: it is no https address of a public host."""

    code = "webhook_url_refused"
    status = 400


class TooManyWebhooks(DomainError):
    """You have as many webhooks as anybody may have; remove one first."""

    code = "too_many_webhooks"
    status = 409


class DeliveryPending(DomainError):
    """This delivery is still being tried; it can be replayed once it was delivered or given up."""

    code = "delivery_pending"
    status = 409
