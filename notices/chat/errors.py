"""Refusals about chat channels."""

from __future__ import annotations

from kernel.errors import DomainError


class ChannelAddressRefused(DomainError):
    """Nothing is sent to this address: no chat service over https reads it, or it leads inside, or it asks for more than one message."""

    code = "channel_address_refused"
    status = 400


class TooManyChannels(DomainError):
    """There are as many channels as anybody may have; remove one first."""

    code = "too_many_channels"
    status = 409
