"""Refusals about API keys."""

from __future__ import annotations

from kernel.errors import DomainError


class ApiKeyRefused(DomainError):
    """This API key is unknown or revoked, comes from an address it is not allowed from, or may not do this."""

    code = "api_key_refused"
    status = 401


class ApiKeyAddressRefused(ApiKeyRefused):
    """The signature is right, and the address is none that this key is allowed from; its owner is told."""

    code = "api_key_address_refused"
    status = 403


class SignatureInvalid(DomainError):
    """The signature does not fit the request and the key."""

    code = "signature_invalid"
    status = 401


class RequestTooOld(DomainError):
    """The request's timestamp lies outside its window; it was late, or a clock is wrong."""

    code = "request_too_old"
    status = 401


class NonceUsed(DomainError):
    """This nonce was used before with this key; a repeat is signed anew, with the same Idempotency-Key."""

    code = "nonce_used"
    status = 401


class ApiKeyExpiryInvalid(DomainError):
    """A key expires in the future."""

    code = "api_key_expiry_invalid"
    status = 400


class PublicKeyInvalid(DomainError):
    """The public key is not an Ed25519 key, as PEM or as base64 of its 32 bytes."""

    code = "public_key_invalid"
    status = 400


class IpRangeInvalid(DomainError):
    """One of the addresses in ip_allow is neither an address nor a range in CIDR notation."""

    code = "ip_range_invalid"
    status = 400


class IpAllowRequired(DomainError):
    """A key that moves money out names the addresses it is used from in ip_allow, each range no wider than /16 (IPv6: /48)."""

    code = "ip_allow_required"
    status = 400


class TooManyApiKeys(DomainError):
    """You have as many API keys as one customer may have; delete one first."""

    code = "too_many_api_keys"
    status = 409
