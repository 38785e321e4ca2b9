"""A cold wallet by its descriptor (`wsh(sortedmulti(2,[…]xpub…/0/*,…))`): what its holders sign, and whether what they signed is that.

Nothing that is handed in is believed but signatures, and each of these is checked against the draft that we made ourselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

from embit import ec
from embit.base import EmbitError
from embit.descriptor import Descriptor
from embit.finalizer import finalize_psbt
from embit.psbt import PSBT, DerivationPath, ser_string
from embit.script import Script
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

MAGIC = b"psbt\xff"
REPLACEABLE = 0xFFFFFFFD
_PARTIAL_SIGNATURE = 0x02
_LARGEST_SIGNATURE = 73  # with the byte that says what it covers


class NotADescriptor(ValueError):
    """The text describes no wallet of several holders in native segwit."""


class NotThisDraft(Exception):
    """What was handed in is no PSBT, or one of another transaction."""


@dataclass(frozen=True)
class ColdWallet:
    """One address: the first of the descriptor."""

    descriptor: str

    def __post_init__(self) -> None:
        _ = self._first

    @cached_property
    def _first(self) -> Any:
        try:
            found = Descriptor.from_string(self.descriptor)
            fits = found.wsh and found.is_basic_multisig and not any(key.is_private for key in found.keys)
            first = found.derive(0)  # without a wildcard too: it makes keys of paths
            first.witness_script()
        except (EmbitError, ValueError, RuntimeError, AttributeError, IndexError, TypeError) as error:
            raise NotADescriptor("is no descriptor of a wallet: wsh(sortedmulti(2,[…]xpub…/0/*,…))") from error
        if not fits:
            raise NotADescriptor("must be of several holders' public keys: wsh(sortedmulti(2,[…]xpub…/0/*,…))")
        return first

    @cached_property
    def witness_script(self) -> Script:
        return self._first.witness_script()

    @cached_property
    def script(self) -> Script:
        return self._first.script_pubkey()

    @cached_property
    def threshold(self) -> int:
        return int(self.witness_script.data[0]) - 0x50

    @cached_property
    def holders(self) -> Mapping[bytes, str]:
        """Public key → the fingerprint that its holder knows it by."""
        return {key.sec(): key.fingerprint.hex() for key in self._first.keys}

    @property
    def input_size(self) -> int:
        """Virtual bytes, at most."""
        witness = 3 + self.threshold * (1 + _LARGEST_SIGNATURE) + 3 + len(self.witness_script.data)
        return 41 + -(-witness // 4)

    def draft(self, spends: Sequence[tuple[str, int, int]], pays: Sequence[tuple[Script, int]]) -> bytes:
        """The PSBT that is handed to the holders, with what their devices need to know it as theirs.

        Args:
            spends: (txid, output, units)
            pays: (script, units)
        """
        inputs = [TransactionInput(bytes.fromhex(txid), number, sequence=REPLACEABLE) for txid, number, _ in spends]
        made = PSBT(Transaction(2, inputs, [TransactionOutput(units, script) for script, units in pays], 0))
        paths = {
            ec.PublicKey.parse(key.sec()): DerivationPath(key.fingerprint, list(key.derivation))
            for key in self._first.keys
        }
        for place, (_, _, units) in zip(made.inputs, spends, strict=True):
            place.witness_utxo = TransactionOutput(units, self.script)
            place.witness_script = self.witness_script
            place.bip32_derivations.update(paths)
        for out, (script, _) in zip(made.outputs, pays, strict=True):
            if script == self.script:
                out.witness_script = self.witness_script
                out.bip32_derivations.update(paths)
        found: bytes = made.serialize()
        return found

    def signatures(self, draft: bytes, given: bytes) -> Mapping[tuple[int, bytes], bytes]:
        """(input, public key) → signature: those of our holders, over our draft, that hold.

        Raises:
            NotThisDraft
        """
        own = PSBT.parse(draft)
        found = {}
        for number, public_key, signature in _handed_in(own, given):
            if public_key in self.holders and _holds(own.sighash(number), public_key, signature):
                found[number, public_key] = signature
        return found

    def signed(self, draft: bytes, signatures: Mapping[tuple[int, bytes], bytes]) -> PSBT:
        """The draft with these."""
        made = PSBT.parse(draft)
        for (number, public_key), signature in signatures.items():
            made.inputs[number].partial_sigs[ec.PublicKey.parse(public_key)] = signature
        return made

    def signers(self, draft: bytes, signatures: Mapping[tuple[int, bytes], bytes]) -> Sequence[bytes]:
        """Whoever has signed every input."""
        every = range(len(PSBT.parse(draft).inputs))
        return [key for key in self.holders if all((number, key) in signatures for number in every)]

    def finish(self, draft: bytes, signatures: Mapping[tuple[int, bytes], bytes]) -> Transaction | None:
        """The transaction, once enough have signed."""
        if len(self.signers(draft, signatures)) < self.threshold:
            return None
        return finalize_psbt(self.signed(draft, signatures))


def transaction_of(draft: bytes) -> Transaction:
    return PSBT.parse(draft).tx


def _holds(digest: bytes, public_key: bytes, signature: bytes) -> bool:
    if not signature or signature[-1] != SIGHASH.ALL or len(signature) > _LARGEST_SIGNATURE:
        return False
    try:
        return bool(ec.PublicKey.parse(public_key).verify(ec.Signature.parse(signature[:-1]), digest))
    except (EmbitError, ValueError):
        return False


def _handed_in(own: PSBT, given: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The partial signatures of a PSBT of the same transaction.

    It is read by hand, a bounded piece at a time: the library's reader believes the counts in what it reads, and would count for ever.
    """
    head = BytesIO()
    head.write(MAGIC)
    ser_string(head, b"\x00")
    ser_string(head, own.tx.serialize())
    if not given.startswith(head.getvalue()):
        raise NotThisDraft
    stream = BytesIO(given)
    stream.seek(len(head.getvalue()))
    for _ in _pairs(stream):
        pass
    for number in range(len(own.inputs)):
        for key, value in _pairs(stream):
            if key[0] == _PARTIAL_SIGNATURE:
                yield number, key[1:], value


def _pairs(stream: BytesIO) -> Iterator[tuple[bytes, bytes]]:
    while key := _piece(stream):
        yield key, _piece(stream)


def _piece(stream: BytesIO) -> bytes:
    first = stream.read(1)
    if not first:
        raise NotThisDraft
    more = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first[0], 0)
    length = int.from_bytes(stream.read(more), "little") if more else first[0]
    rest = len(stream.getbuffer()) - stream.tell()
    if length > rest:
        raise NotThisDraft
    return stream.read(length)
