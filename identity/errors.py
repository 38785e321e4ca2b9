"""Every refusal of identity in one place, for those who document or catch them."""

from __future__ import annotations

from identity.principals.errors import EmailTaken
from identity.sessions.errors import (
    InvalidCredentials,
    LoginBusy,
    SecretNotRepeatable,
    TooManyAttempts,
)

__all__ = ["EmailTaken", "InvalidCredentials", "LoginBusy", "SecretNotRepeatable", "TooManyAttempts"]
