"""Shapes of the routes of people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from identity.principals.states import Role, Status
from identity.registration.schemas import Email, Name
from identity.sessions.schemas import SessionOut

Reason = Annotated[
    str, Field(min_length=1, max_length=500, pattern=r"\S", examples=["Ticket 4711, asked by video call"])
]
StaffRoles = Annotated[list[Role], Field(min_length=1, max_length=8)]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class PersonOut(BaseModel):
    """An account. `frozen`: shut by its owner; `locked`: by staff."""

    id: UUID
    email: str
    name: str
    roles: list[Role]
    status: Status
    created_at: datetime


class PersonDetailOut(PersonOut):
    """With what stands around it. `cooling_until`: until then (business time) no key can be made and nothing withdrawn."""

    totp: bool
    passkeys: int
    recovery_codes_left: int
    api_keys: int
    password_changed_at: datetime | None
    cooling_until: datetime | None
    sessions: list[SessionOut]


class ChangedPersonOut(PersonDetailOut):
    """`approval_id`: it is not done yet, a second person must agree."""

    approval_id: UUID | None = None


class CustomerPatchIn(_In):
    """One change at a time, with its reason. An e-mail, a reset of second factors and opening a frozen account wait for a second role."""

    status: Literal[Status.ACTIVE, Status.LOCKED, Status.DISABLED] | None = None
    name: Name | None = None
    email: Email | None = None
    reset_factors: Literal[True] | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.status, self.name, self.email, self.reset_factors)) != 1:
            raise ValueError("exactly one of status, name, email and reset_factors")
        return self


class StaffIn(_In):
    email: Email
    name: Name = ""
    roles: StaffRoles
    reason: Reason

    @model_validator(mode="after")
    def _no_retail(self) -> Self:
        if Role.RETAIL in self.roles:
            raise ValueError("who also trades has a customer's login for that")
        return self


class StaffPatchIn(_In):
    """One change at a time, with its reason. Roles, and opening a frozen or disabled account, wait for a second role."""

    status: Literal[Status.ACTIVE, Status.LOCKED, Status.DISABLED] | None = None
    roles: StaffRoles | None = None
    reason: Reason

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.status is None) is (self.roles is None):
            raise ValueError("exactly one of status and roles")
        if self.roles is not None and Role.RETAIL in self.roles:
            raise ValueError("who also trades has a customer's login for that")
        return self


class StaffAskedOut(BaseModel):
    """The account is made once a second person agreed; its owner then gets a mail to set the password."""

    id: UUID
    approval_id: UUID
