"""Words of eligibility: how well somebody is known, what they want, and what is answered."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from kernel.states import States


class Level(IntEnum):
    REGISTERED = 0  # has an account, may look
    IDENTIFIED = 1  # showed a document with a picture
    VERIFIED = 2  # and where they live, and their face beside it


class Screening(StrEnum):
    """What the lists of names say about a customer."""

    VOUCHED = "vouched"  # the house opened the account itself; no list has met the name yet
    CLEAR = "clear"
    REVIEW = "review"  # a name that is like theirs; a person has to look
    CONFIRMED = "confirmed"  # it is them


class Product(StrEnum):
    TRADING = "trading"
    TRANSFERS = "transfers"
    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    LENDING = "lending"
    EARN = "earn"


class Action(StrEnum):
    """Beginning something needs more than ending it: nobody is locked in."""

    BEGIN = "begin"
    END = "end"


class Ruling(StrEnum):
    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"


class RuleState(StrEnum):
    PROPOSED = "proposed"
    STANDING = "standing"
    REFUSED = "refused"


RULE = States(
    "country_rule",
    RuleState,
    initial={RuleState.PROPOSED, RuleState.STANDING},
    moves={
        RuleState.PROPOSED: {RuleState.STANDING, RuleState.REFUSED},
        RuleState.STANDING: set(),
        RuleState.REFUSED: set(),
    },
)


class Obstacle(StrEnum):
    UNKNOWN_CUSTOMER = "unknown_customer"
    NOT_OFFERED = "not_offered"
    LEVEL_TOO_LOW = "level_too_low"
    SCREENING_REVIEW = "screening_review"
    SCREENING_CONFIRMED = "screening_confirmed"
    COUNTRY_DENIED = "country_denied"
    COUNTRY_REVIEW = "country_review"
    COUNTRY_UNKNOWN = "country_unknown"
