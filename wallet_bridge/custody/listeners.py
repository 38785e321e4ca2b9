"""Who hears what the custodian says. Each thing may be told twice, late, and in another order: a listener compares with what it knows.

Every call stands in a transaction of the tenant that the thing belongs to, and commits with it.
"""

from __future__ import annotations

from typing import Any, Protocol

from kernel.db import Tx
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.wire.schemas import AddressOut, ColdOut, DepositOut, TransferOut
from wallet_bridge.wire.states import EventType


class Transfers(Protocol):
    """Of one kind of reference."""

    def seen(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None:
        """As the custodian reports it: in the answer to our request, or by an event."""
        ...

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None:
        """Before anything was signed: it will never be paid."""
        ...

    def unanswered(self, tx: Tx, ref: Ref, *, manual: bool = False) -> None:
        """It was sent and nobody knows what became of it; it is asked for until somebody does. `manual`: for so long that people decide."""
        ...

    def expired(self, tx: Tx, ref: Ref, reason: str) -> None:
        """It was never sent."""
        ...

    def not_cancelled(self, tx: Tx, ref: Ref, code: str) -> None:
        """Too late to take it back: what it is now comes by `seen`."""
        ...


class Cold(Protocol):
    def drafted(self, tx: Tx, ref: Ref, draft: ColdOut, *, seq: int) -> None:
        """What the holders of the cold wallet are asked to sign, and who has. The event with the highest `seq` is the newest."""
        ...

    def cosigned(self, tx: Tx, signature: Ref, *, refused: str | None) -> None:
        """Whether a signature that we handed in counts, and why not."""
        ...


class Lookups(Protocol):
    """What the custodian knows under a reference that nothing more is sent under; asked for people who decide."""

    def found(self, tx: Tx, ref: Ref, transfer: TransferOut) -> None: ...

    def absent(self, tx: Tx, ref: Ref) -> None:
        """It never had it, and never will: the reference is taken."""
        ...

    def silent(self, tx: Tx, ref: Ref) -> None:
        """It was asked for long and says nothing; it is asked on."""
        ...


class Addresses(Protocol):
    def made(self, tx: Tx, ref: Ref, address: AddressOut) -> None: ...

    def refused(self, tx: Tx, ref: Ref, code: str, text: str) -> None: ...


class Deposits(Protocol):
    def seen(self, tx: Tx, event: EventType, deposit: DepositOut, *, seq: int) -> None:
        """In the tenant of the address's owner; the house's where nobody is named. The event with the highest `seq` is the newest."""
        ...


class Floats(Protocol):
    def crossed(self, tx: Tx, event: EventType, data: dict[str, Any]) -> None:
        """The hot wallet holds too little or too much; in the house's tenant."""
        ...


_transfers: dict[RefKind, Transfers] = {}
_cold: list[Cold] = []
_lookups: list[Lookups] = []
_addresses: list[Addresses] = []
_deposits: list[Deposits] = []
_house_deposits: list[Deposits] = []
_floats: list[Floats] = []


def on_transfers(kind: RefKind, listener: Transfers) -> None:
    _transfers[kind] = listener


def on_cold(listener: Cold) -> None:
    _cold[:] = [listener]


def on_lookups(*heard_by: Lookups) -> None:
    """Each knows its own question; what is another's it leaves alone."""
    _lookups[:] = heard_by


def on_addresses(*heard_by: Addresses) -> None:
    """Each knows its own; what is another's it leaves alone."""
    _addresses[:] = heard_by


def on_deposits(listener: Deposits) -> None:
    _deposits[:] = [listener]


def on_house_deposits(listener: Deposits) -> None:
    """Of what comes to addresses of the house's own."""
    _house_deposits[:] = [listener]


def on_floats(listener: Floats) -> None:
    _floats[:] = [listener]


def transfers(kind: RefKind) -> Transfers:
    """Raises: KeyError where nobody asked for such a thing."""
    return _transfers[kind]


def cold() -> Cold:
    """Raises: IndexError where nobody asked for such a thing."""
    return _cold[0]


def lookups() -> list[Lookups]:
    return _lookups


def addresses() -> list[Addresses]:
    return _addresses


def deposits() -> list[Deposits]:
    return _deposits


def house_deposits() -> list[Deposits]:
    return _house_deposits


def floats() -> list[Floats]:
    return _floats
