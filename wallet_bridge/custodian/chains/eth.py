"""The libraries of Ethereum, imported from here alone.

One of those they bring along raises Python's recursion limit a hundredfold for the whole process, for arithmetic that we never use: then a
JSON body of many brackets is no refusal any more but the end of the process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _limit_kept() -> Iterator[None]:
    before = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


with _limit_kept():
    from eth_abi.abi import decode, encode
    from eth_account import Account
    from eth_account.messages import SignableMessage, encode_typed_data
    from eth_account.typed_transactions.typed_transaction import TypedTransaction
    from eth_keys.datatypes import PublicKey
    from eth_keys.exceptions import BadSignature
    from eth_utils.address import is_address, is_checksum_address, to_checksum_address
    from eth_utils.crypto import keccak
    from hexbytes import HexBytes

__all__ = [
    "Account", "BadSignature", "HexBytes", "PublicKey", "SignableMessage", "TypedTransaction", "decode", "encode", "encode_typed_data",
    "is_address",
    "is_checksum_address", "keccak", "to_checksum_address",
]  # fmt: skip
