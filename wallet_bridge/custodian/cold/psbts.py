"""Drafts for chains of outputs: a PSBT, the outputs it reserves, and what its holders sign of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from decimal import Decimal

from kernel.db import Tx
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains import scripts
from wallet_bridge.custodian.chains.outputs import Coin, Wish, choose
from wallet_bridge.custodian.chains.port import CannotPay, Signed
from wallet_bridge.custodian.chains.units import from_units, to_units
from wallet_bridge.custodian.chains.utxo import Fees
from wallet_bridge.custodian.cold import drafts
from wallet_bridge.custodian.cold.drafts import Draft
from wallet_bridge.custodian.cold.wallet import ColdWallet, NotThisDraft, transaction_of
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.networks import Network, Utxo
from wallet_bridge.custodian.outputs import service as outputs
from wallet_bridge.custodian.transfers import queries
from wallet_bridge.custodian.transfers import service as transfers
from wallet_bridge.custodian.transfers.record import Transfer
from wallet_bridge.wire.schemas import ColdInput, ColdOut, ColdPays
from wallet_bridge.wire.states import EventType, TransferState


def draft(tx: Tx, house: House, one: Transfer, fees: Fees) -> Draft:
    """Stored, with its outputs reserved. Step.

    Raises:
        CannotPay
    """
    network = house.network(one.network)
    (utxo, wallet), decimals = _wallet(network), network.assets[network.native].decimals
    to = scripts.of_address(utxo, one.address)
    if to is None:
        raise CannotPay("the destination is no address of this network")
    outputs.hold(tx, one.network)
    given = outputs.free(tx, one.network, final=network.confirmations, wallets=("cold",))
    wish = Wish(
        units=to_units(one.amount, decimals), script=len(to.data), rate=fees.rate, dust=to_units(utxo.dust, decimals),
        fee_most=to_units(one.fee_cap, decimals), most_inputs=utxo.most_inputs, input=wallet.input_size,
        change_script=len(wallet.script.data),
    )  # fmt: skip
    choice = choose(wish, (), [Coin(place, to_units(coin.amount, decimals)) for place, coin in enumerate(given)])
    spends = [(given[coin.place].txid, given[coin.place].number, coin.units) for coin in choice.coins]
    pays = [(to, wish.units), *([(wallet.script, choice.change)] if choice.change else [])]
    made = Draft(wallet.draft(spends, pays), from_units(choice.fee, decimals))
    drafts.add(tx, one.id, made)
    outputs.use(tx, one.network, one.id, [(txid, number) for txid, number, _ in spends])
    queries.wait_for(tx, one.id, f"it waits for signatures of {wallet.threshold} of {len(wallet.holders)} holders")
    return made


def take(tx: Tx, house: House, one: Transfer, draft: Draft, text: str) -> None:
    """A holder's signatures; with enough of them the transaction is stored. Step.

    Raises:
        SignatureUnfit
    """
    _utxo, wallet = _wallet(house.network(one.network))
    drafts.sign(tx, one.id, _signatures(wallet, draft, text))
    if one.state is TransferState.ACCEPTED:
        _store(tx, wallet, one, draft)


def _signatures(wallet: ColdWallet, draft: Draft, text: str) -> Mapping[tuple[int, bytes], bytes]:
    try:
        found = wallet.signatures(draft.raw, base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise errors.SignatureUnfit("this is no PSBT") from None
    except NotThisDraft:
        raise errors.SignatureUnfit("this is a PSBT of another transaction than the one that was drafted") from None
    if not found:
        raise errors.SignatureUnfit("no holder of this wallet has signed this PSBT")
    return found


def _store(tx: Tx, wallet: ColdWallet, one: Transfer, draft: Draft) -> None:
    made = wallet.finish(draft.raw, drafts.signatures(tx, one.id))
    if made is None:
        return
    spends = [(place.txid.hex(), place.vout) for place in made.vin]
    assert draft.fee is not None, "of every PSBT"
    signed = Signed(made.serialize(), made.txid().hex(), draft.fee, spends)
    queries.add_attempt(tx, one, signed, number=1, nonce=None)
    outputs.use(tx, one.network, one.id, spends)
    queries.move(tx, one, TransferState.SIGNED)
    feed.add(tx, EventType.TRANSFER_SIGNED, transfers.shown_in(tx, one.id))


# What the bytes say --------------------------------------------------------------------------------------------------------------


def _check(tx: Tx, house: House, one: Transfer, draft: Draft) -> tuple[list[ColdInput], list[ColdPays], Decimal]:
    """Read the draft and hold it against its row: inputs of the cold wallet by our own table, one payment, our change, the fee.

    Raises:
        DraftUnfit
    """
    network = house.network(one.network)
    (utxo, _wallet_of), decimals = _wallet(network), network.assets[network.native].decimals
    made = transaction_of(draft.raw)
    try:
        used = {(row.txid, row.number): row.amount for row in outputs.used(tx, one.network, one.id)}
    except CannotPay as error:
        raise errors.DraftUnfit(str(error)) from None
    inputs = [ColdInput(txid=place.txid.hex(), output=place.vout, amount=used.get((place.txid.hex(), place.vout), Decimal(0)))
              for place in made.vin]  # fmt: skip
    pays = [(scripts.address_of(utxo, out.script_pubkey.data), from_units(out.value, decimals)) for out in made.vout]
    fee = sum((place.amount for place in inputs), Decimal(0)) - sum((amount for _, amount in pays), Decimal(0))
    rest = [pay for pay in pays[1:] if pay[0] != network.cold]
    if pays[0] != (one.address, one.amount) or rest or len(pays) > 2:
        raise errors.DraftUnfit("the draft pays somebody else than the transfer")
    if len(used) != len(inputs) or fee != draft.fee or not 0 < fee <= one.fee_cap:
        raise errors.DraftUnfit("the draft spends something else, or pays another fee, than was reserved")
    shown = [
        ColdPays(address=address or "", amount=amount, change=place > 0) for place, (address, amount) in enumerate(pays)
    ]
    return inputs, shown, fee


def shown(tx: Tx, house: House, one: Transfer, draft: Draft) -> ColdOut:
    """What the bytes say, with the signatures so far. Step.

    Raises:
        DraftUnfit
    """
    _utxo, wallet = _wallet(house.network(one.network))
    inputs, pays, fee = _check(tx, house, one, draft)
    signatures = drafts.signatures(tx, one.id)
    return ColdOut(
        transfer_id=one.id, client_ref=one.client_ref, state=one.state, kind="psbt", network=one.network, asset=one.asset,
        wallet=house.network(one.network).cold or "", digest=transaction_of(draft.raw).txid().hex(), inputs=inputs, pays=pays,
        fee=fee, nonce=None, needed=wallet.threshold, holders=list(wallet.holders.values()),
        signed_by=[wallet.holders[key] for key in wallet.signers(draft.raw, signatures)],
        to_sign=wallet.signed(draft.raw, signatures).to_base64(),
    )  # fmt: skip


def _wallet(network: Network) -> tuple[Utxo, ColdWallet]:
    utxo = network.utxo
    assert utxo is not None, "checked when the transfer was taken"
    return utxo, ColdWallet(utxo.cold or "")
