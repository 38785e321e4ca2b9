"""Why an address is not taken into the book, or not used."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class AddressNotFound(NotFound):
    """There is no such address in your book."""

    code = "address_not_found"


class AddressInvalid(DomainError):
    """This is no address of that network."""

    code = "address_invalid"
    status = 400


class MemoRequired(DomainError):
    """On this network the memo says whose the money is; without it nobody gets it."""

    code = "memo_required"
    status = 400


class MemoNotTaken(DomainError):
    """This network carries no memo."""

    code = "memo_not_taken"
    status = 400


class AddressKnown(Conflict):
    """This address stands in your book already."""

    code = "address_known"


class AddressBookFull(Conflict):
    """Your book holds as many addresses as it may; remove one first."""

    code = "address_book_full"


class AddressNotActive(Conflict):
    """This address may be used once its delay is over: see `active_from`."""

    code = "address_not_active"
