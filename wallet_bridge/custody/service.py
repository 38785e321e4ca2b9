"""What is asked of the custodian goes out by the lane `custodian`; what it reports is applied event by event, each once.

An event and the move of the cursor commit together. One that cannot be applied is put aside and tried again, so that one customer's
trouble keeps nobody else's money away; it is a snapshot of its thing, so a later one about the same thing may come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError

from kernel import cache, clock, db, failpoints, log
from kernel.calls import service as outside
from kernel.calls.states import CallState
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.metrics import CUSTODY_LAG, CUSTODY_STUCK
from kernel.settings import settings
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from wallet_bridge.custody import listeners, postings, queries, refs
from wallet_bridge.custody.errors import WalletNotConfigured
from wallet_bridge.custody.refs import Owner, Ref
from wallet_bridge.networks import service as networks
from wallet_bridge.wire.schemas import AddressIn, ColdOut, DepositOut, EventOut, TransferIn, TransferOut
from wallet_bridge.wire.signing import WINDOW_S, Seen
from wallet_bridge.wire.states import EventType, TransferState

LANE = "custodian"
ADDRESS, TRANSFER, CANCEL = "custody.address", "custody.transfer", "custody.cancel"
COSIGN, LOOKUP = "custody.cosign", "custody.lookup"
KINDS = (ADDRESS, TRANSFER, CANCEL, COSIGN, LOOKUP)
WAKE = "rm:custodian"
AGAIN_S = 60
_OPEN = {CallState.INTENT, CallState.SENT, CallState.UNKNOWN}
_FLOATS = {EventType.FLOAT_LOW, EventType.FLOAT_HIGH}
_COSTS = {TransferState.FINAL, TransferState.FAILED}
_AWAY = (OperationalError, InterfaceError)
"""The database's own trouble. What it refuses for what it says is the event's trouble, and would be refused again."""
_log = log.get("custody")
failpoints.declare("wallet.event.before_commit", "wallet.event.after_commit")


# Asking --------------------------------------------------------------------------------------------------------------------------


def require_configured() -> None:
    """Raises: WalletNotConfigured."""
    if settings().custodian_url is None:
        raise WalletNotConfigured


def ask_address(tx: Tx, *, ref: Ref, owner: Owner, asset: str, network: str) -> None:
    """The answer comes to `listeners.addresses`."""
    wanted = AddressIn(client_ref=str(ref), owner_ref=str(owner), asset=asset, network=network)
    outside.request(tx, lane=LANE, kind=ADDRESS, ref=str(ref), payload=wanted.model_dump(mode="json"))


def ask_transfer(tx: Tx, wanted: TransferIn) -> None:
    """Committed with the reservation; sent once it is. `client_ref` is a `Ref` as text."""
    outside.request(tx, lane=LANE, kind=TRANSFER, ref=wanted.client_ref, payload=wanted.model_dump(mode="json"))


def take_back(tx: Tx, ref: Ref) -> bool:
    """A transfer that was not sent yet; False when it is too late for that: then `ask_cancel`."""
    return outside.withdraw(tx, lane=LANE, kind=TRANSFER, ref=str(ref))


def ask_cancel(tx: Tx, ref: Ref) -> None:
    """The custodian decides; whichever way, `listeners.transfers` hears of it. Asked again, it is asked once it has answered.

    So one that came before the transfer itself, and was answered that there is none, is not the last one.
    """
    before = outside.state_of(tx, lane=LANE, kind=CANCEL, ref=str(ref))
    if before in _OPEN:
        return
    name = ref if before is None else Ref(ref.kind, ref.tenant, uuid7())  # a call's name counts once
    outside.request(tx, lane=LANE, kind=CANCEL, ref=str(name), payload={"client_ref": str(ref)}, priority=0)


def ask_cosign(tx: Tx, signature: Ref, *, spend: Ref, signed: str) -> None:
    """Hand a holder's signature in; whether it counts comes to `listeners.cold`."""
    payload = {"client_ref": str(spend), "signed": signed}
    outside.request(tx, lane=LANE, kind=COSIGN, ref=str(signature), payload=payload)


def ask_what_is_known(tx: Tx, wanted: TransferIn, *, decision: Ref) -> bool:
    """Send this no more, and ask what the custodian knows of it; the answer comes to `listeners.lookups`.

    False while it is still asked for by itself: then there is nothing to decide. Step of the engine.
    """
    if not outside.stop_asking(tx, lane=LANE, kind=TRANSFER, ref=wanted.client_ref, decision=decision.id):
        return False
    stone = wanted.model_copy(update={"fee_cap": Decimal(0)})
    outside.request(tx, lane=LANE, kind=LOOKUP, ref=str(decision), payload=stone.model_dump(mode="json"))
    return True


def custody_account(tx: Tx, *, network: str, asset: str) -> int:
    """The ledger account of what lies with the custodian on a network; it runs negative (debit-normal)."""
    return accounts.house(tx, path=f"wallet.{network}", asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")


# Hearing -------------------------------------------------------------------------------------------------------------------------


def hint() -> None:
    """Somebody says that there is something to read."""
    cache.publish(WAKE)


def first_time(seen: Seen) -> bool:
    """Whether a signed message is no replay, as long as its signature is taken."""
    return cache.first(f"rm:custodian:nonce:{seen.key_id}:{seen.nonce}", seconds=2 * WINDOW_S)


def place() -> int:
    """The number of the last event that was applied."""
    with db.read_only() as tx:
        return queries.cursor(tx).seq


def apply(event: EventOut) -> bool:
    """One event and the cursor's move; False where another reader did it.

    Raises:
        OperationalError, InterfaceError: the database is away; nothing happened.
    """
    tenant = tenant_of(event)
    try:
        return db.retrying(lambda: _apply(event, tenant))
    except _AWAY:
        raise
    except Exception as error:  # noqa: BLE001  one event that cannot be applied must not hold back everybody's money
        _log.error("event_put_aside", seq=event.seq, type=event.type.value, error=repr(error))
        with db.transaction() as tx:
            moved = queries.step(tx, event.seq)
            if moved:
                queries.put_aside(tx, seq=event.seq, event=event.model_dump(mode="json"), error=repr(error))
        return moved


def _apply(event: EventOut, tenant: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        if not queries.step(tx, event.seq):
            return False
        tell(tx, event)
        failpoints.hit("wallet.event.before_commit")
    failpoints.hit("wallet.event.after_commit")
    return True


def try_again(*, after_s: int = AGAIN_S) -> int:
    """Events that were put aside; returns how many could be applied now."""
    with db.read_only() as tx:
        rows = queries.put_aside_earlier(tx, before=after_s, limit=100)
    return sum(_once_more(row.seq, EventOut.model_validate(row.event)) for row in rows)


def _once_more(seq: int, event: EventOut) -> bool:
    try:
        with db.transaction(tenant=tenant_of(event)) as tx:
            if not queries.lock_aside(tx, seq):
                return False
            tell(tx, event)
            queries.end_aside(tx, seq)
    except _AWAY:
        raise
    except Exception as error:  # noqa: BLE001  as when it came first
        with db.transaction() as tx:
            queries.put_aside(tx, seq=seq, event=event.model_dump(mode="json"), error=repr(error))
        return False
    return True


def tenant_of(event: EventOut) -> UUID:
    """The tenant that it belongs to; what belongs to nobody is the house's."""
    owner = refs.read_owner(event.data.get("owner_ref")) or refs.read(str(event.data.get("client_ref", "")))
    return owner.tenant if owner is not None else settings().house_tenant


def tell(tx: Tx, event: EventOut) -> None:
    """Hand an event to who listens. Step."""
    family = event.type.value.partition(".")[0]
    if family == "deposit":
        deposit = DepositOut.model_validate(event.data)
        owner = refs.read_owner(deposit.owner_ref)
        house = owner is not None and owner.customer is None
        for listener in listeners.house_deposits() if house else listeners.deposits():
            listener.seen(tx, event.type, deposit, seq=event.seq)
    elif family == "transfer":
        transfer = TransferOut.model_validate(event.data)
        ref = refs.read(transfer.client_ref)
        if ref is not None:
            listeners.transfers(ref.kind).seen(tx, ref, transfer)
        book_fee(tx, transfer)
    elif family == "cold":
        draft = ColdOut.model_validate(event.data)
        spend = refs.read(draft.client_ref)
        if spend is not None:
            listeners.cold().drafted(tx, spend, draft, seq=event.seq)
    elif event.type in _FLOATS:
        for watcher in listeners.floats():
            watcher.crossed(tx, event.type, event.data)


def book_fee(tx: Tx, transfer: TransferOut) -> None:
    """What the network took for it, once it is certain; also for transfers that the custodian made by itself. Step."""
    if transfer.state not in _COSTS or not transfer.fee or transfer.txid is None:
        return
    coin = networks.coin(tx, transfer.network)
    if coin is None or coin not in assets.all_assets():
        _log.error("network_fee_not_booked", network=transfer.network, txid=transfer.txid, fee=str(transfer.fee))
        return
    if not queries.cost_is_new(tx, network=transfer.network, txid=transfer.txid, asset=coin, fee=transfer.fee):
        return
    booked = -carry(tx, network=transfer.network, asset=coin, change=-transfer.fee)
    if booked > 0:
        postings.network_fee(
            tx, network=transfer.network, txid=transfer.txid, asset=coin, fee=booked,
            custody=custody_account(tx, network=transfer.network, asset=coin),
        )  # fmt: skip


def carry(tx: Tx, *, network: str, asset: str, change: Decimal) -> Decimal:
    """The whole units of an exact change of a wallet; what the books cannot hold of it is carried to the next. Step.

    A deposit gives its customer whole units and carries the rest: `carry(change=exact - credited)` (whose result, if not 0, is the
    house's to book). So the chain is the ledger plus what is carried, to the last digit.
    """
    before = queries.lock_residue(tx, network=network, asset=asset)
    whole = (before + change).quantize(Decimal(1).scaleb(-assets.scale(asset)), rounding=ROUND_DOWN)
    queries.set_residue(tx, network=network, asset=asset, carried=before + change - whole)
    return whole


def carried(tx: Tx) -> Mapping[tuple[str, str], Decimal]:
    """(network, asset) → what the wallet has and the books cannot hold. Step."""
    return queries.residues(tx)


def note_read(*, head: int) -> None:
    """The custodian answered."""
    with db.transaction() as tx:
        queries.note_read(tx, head=head, at=clock.wall())
        CUSTODY_LAG.set(head - queries.cursor(tx).seq)
        CUSTODY_STUCK.set(queries.count_aside(tx))


def note_trouble(error: str) -> None:
    """It did not; whoever is on call sees since when."""
    with db.transaction() as tx:
        queries.note_trouble(tx, error=error, at=clock.wall())
