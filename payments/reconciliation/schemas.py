"""Shapes of reconciliation: runs with their progress, breaks with their tickets, and finance's day."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kernel.money import DecimalString
from payments.accounts.numbers import AccountNumber
from payments.reconciliation.states import BreakClass, BreakState, IncidentKind, Level, Resolution, RunState

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class RunIn(BaseModel):
    """`scope` narrows a run down: an account's path, a venue, `venue:asset`, an order, a partner or a statement."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    source: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
    date: dt.date | None = None
    scope: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class RunOut(BaseModel):
    """The counts grow while it runs; `part` of `parts` comparisons are finished."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: UUID
    level: Level
    source: str
    scope: str | None
    date: dt.date | None = Field(validation_alias="day")
    status: RunState = Field(validation_alias="state")
    part: int
    parts: int
    compared: int
    agreed: int
    breaks: int
    levelled: int
    ticketed: int
    rebuilt: int
    reason: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    as_of: dt.datetime | None
    finished_at: dt.datetime | None


class NoteOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    author: UUID
    at: dt.datetime
    text: str


class TicketOut(BaseModel):
    """Who cares for a break, and what one person proposed and another one confirmed."""

    model_config = ConfigDict(from_attributes=True)

    owner: UUID | None
    opened_at: dt.datetime
    due_at: dt.datetime
    resolution: Resolution | None
    target_account: AccountNumber | None
    proposed_by: UUID | None
    proposed_at: dt.datetime | None
    confirmed_by: UUID | None
    confirmed_at: dt.datetime | None
    closing_journal_id: UUID | None


class BreakOut(BaseModel):
    """`difference` = theirs − ours, both counted as what we own there. `suspended`: it lies in suspense until it is resolved."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: UUID
    run_id: UUID
    level: Level
    source: str
    reference: str
    asset: str
    account_id: AccountNumber | None
    ours: DecimalString | None
    theirs: DecimalString | None
    theirs_text: str | None
    difference: DecimalString
    kind: BreakClass = Field(serialization_alias="class")
    status: BreakState = Field(validation_alias="state")
    suspended: bool
    journal_id: UUID | None
    times: int
    age_s: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    closed_at: dt.datetime | None
    raw: dict[str, Any]
    ticket: TicketOut | None


class BreakWithNotes(BreakOut):
    notes: list[NoteOut]


class ResolveIn(BaseModel):
    """`account` only with `to_account`."""

    model_config = ConfigDict(extra="forbid")

    resolution: Resolution
    account: AccountNumber | None = None
    note: Note | None = None


class ConfirmIn(BaseModel):
    """`proposed_at` of the proposal that was read: if another one stands there by now, nothing is confirmed."""

    model_config = ConfigDict(extra="forbid")

    proposed_at: dt.datetime | None = None


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Note


class AssignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    owner: UUID


class DayBreaks(BaseModel):
    """How many breaks of a kind, and how much they are in all."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    level: Level
    source: str
    kind: BreakClass = Field(serialization_alias="class")
    status: BreakState = Field(validation_alias="state")
    asset: str
    breaks: int
    amount: DecimalString


class RoundingOut(BaseModel):
    """The day of the rounding pool: `used` of `cap`, `net` of both directions; `drifts`: for days it went one way only."""

    model_config = ConfigDict(from_attributes=True)

    asset: str
    cap: DecimalString
    used: DecimalString
    net: DecimalString
    times: int
    drifts: bool


class AccountBalance(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    path: str
    asset: str
    posted: DecimalString


class AgeOut(BaseModel):
    """Breaks that are not closed, by how long they have been known."""

    model_config = ConfigDict(from_attributes=True)

    age: str
    breaks: int
    suspended: int


class DayOut(BaseModel):
    """`complete`: every source was compared for this day. Pool, suspense and ages stand as of now."""

    model_config = ConfigDict(from_attributes=True)

    date: dt.date
    complete: bool
    runs: list[RunOut]
    breaks: list[DayBreaks]
    rounding: list[RoundingOut]
    pool: list[AccountBalance]
    suspense: list[AccountBalance]
    ages: list[AgeOut]


class IncidentOut(BaseModel):
    """Something is wrong with the house itself; `times` counts repeats while it is open."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: IncidentKind
    name: str
    detail: str
    state: str
    times: int
    first_at: dt.datetime
    last_at: dt.datetime
