"""Which text is an e-mail address."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from identity.registration.errors import EmailInvalid


def address(text: str) -> str:
    """The address in the one spelling we keep. Whether anybody reads what is sent there is what the link finds out.

    Raises:
        EmailInvalid
    """
    try:
        checked = validate_email(
            text.strip(), allow_smtputf8=False, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise EmailInvalid from None
    normal = checked.normalized.lower()
    if not normal.isascii() or len(normal) > 254:
        raise EmailInvalid
    return normal
