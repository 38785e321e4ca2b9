"""Refusals about API keys."""

from __future__ import annotations

from kernel.errors import DomainError


class ApiKeyRefused(DomainError):
    """This API key is unknown or revoked, comes from an address it is not allowed from, or may not do this."""

    code = "api_key_refused"
    status = 401


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


class TooManyApiKeys(DomainError):
    """You have as many API keys as one customer may have; delete one first."""

    code = "too_many_api_keys"
    status = 409
