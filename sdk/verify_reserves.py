"""Check your own part of a proof of reserves, offline, with nothing but Python: nobody has to be believed but SHA-256.

    python verify_reserves.py proof.json reserves.json [--key HEX]

`proof.json` is the answer of `GET /v1/reserves/proof`: yours alone. `reserves.json` is that of `GET /v1/reserves`, or the house's file
`roots.ndjson`: fetch it without logging in, or from somebody else, so that you are not shown a root of your own. With `--key` (the house's
public key, got elsewhere) the signature is checked too; that alone needs the package `cryptography`.

It proves that the amounts shown are counted in the published liabilities. Whether they are all that you are owed only you can tell.
"""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

FORMAT = "rivermouth/reserves/1"
LIMIT = 2**256


class Wrong(Exception):
    """What does not hold."""


def demand(holds: bool, what: str) -> None:
    if not holds:
        raise Wrong(what)


def units(text: Any) -> int:
    """A whole number of the smallest unit: never negative, and never so large that a sum could run over."""
    good = isinstance(text, str) and text.isascii() and text.isdigit() and text == str(int(text))
    demand(good and int(text) < LIMIT, f"{text!r} is no amount of 0 or more")
    return int(text)


def digest(text: Any, length: int = 32) -> bytes:
    demand(isinstance(text, str) and len(text) == 2 * length and text == text.lower(), f"{text!r} is no hash")
    return bytes.fromhex(text)


def leaf(snapshot: bytes, asset: str, customer: bytes, nonce: bytes, amount: int) -> bytes:
    code = asset.encode("ascii")
    said = b"\x00" + snapshot + bytes([len(code)]) + code + customer + nonce + amount.to_bytes(32, "big")
    return hashlib.sha256(said).digest()


def parent(left: bytes, left_sum: int, right: bytes, right_sum: int) -> tuple[bytes, int]:
    """Both sums go into the hash: with their total alone, one of them could be anything."""
    demand(left_sum + right_sum < LIMIT, "a sum is too large")
    said = b"\x01" + left + left_sum.to_bytes(32, "big") + right + right_sum.to_bytes(32, "big")
    return hashlib.sha256(said).digest(), left_sum + right_sum


def root_of(item: Any, snapshot: bytes, customer: bytes) -> tuple[str, int]:
    total = units(item["units"])
    node = leaf(snapshot, item["asset"], customer, digest(item["nonce"], 16), total)
    for level, sibling in enumerate(item["path"]):
        beside, beside_sum = digest(sibling["hash"]), units(sibling["sum"])
        on_the_right = item["position"] >> level & 1
        pair = (beside, beside_sum, node, total) if on_the_right else (node, total, beside, beside_sum)
        node, total = parent(*pair)
    return node.hex(), total


def published(text: str) -> list[Any]:
    """Every signed statement in the answer of the API or in the lines of the file."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:  # lines
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    items: list[Any] = found.get("items", [found])
    return items


def verify(proof: Any, entries: list[Any]) -> dict[str, Decimal]:
    """The amounts of a proof that are counted under published roots, by asset.

    Raises:
        Wrong: what does not hold.
    """
    demand(proof["format"] == FORMAT, "this is another format")
    entry = next((each for each in entries if each["statement"] == proof["statement"]), None)
    demand(entry is not None, "the statement of this proof is not among the published ones")
    for name in ("key_id", "public_key", "signature"):
        demand(name not in entry or entry[name] == proof[name], f"another {name} was published")
    said = json.loads(proof["statement"])
    demand(
        said["format"] == FORMAT and said["snapshot"] == proof["snapshot_id"], "the statement is of another snapshot"
    )
    demand(
        said["at"].replace("+00:00", "Z") == proof["at"].replace("+00:00", "Z"), "the statement is of another moment"
    )
    trees = {each["asset"]: each for each in said["assets"]}
    demand(len(trees) == len(said["assets"]), "an asset stands twice in the statement")
    demand(len({item["asset"] for item in proof["items"]}) == len(proof["items"]), "an asset stands twice in the proof")
    return {item["asset"]: check(item, trees.get(item["asset"]), proof) for item in proof["items"]}


def check(item: Any, tree: Any, proof: Any) -> Decimal:
    name = item["asset"]
    demand(tree is not None, f"{name}: nothing of it was published")
    demand(0 <= item["position"] < tree["leaves"], f"{name}: there is no such leaf")
    demand(len(item["path"]) == (tree["leaves"] - 1).bit_length(), f"{name}: the path has the wrong length")
    found = root_of(item, uuid.UUID(proof["snapshot_id"]).bytes, uuid.UUID(proof["customer_id"]).bytes)
    demand(found == (tree["root"], units(tree["liabilities"])), f"{name}: the path does not lead to the published root")
    amount = Decimal(item["amount"])
    demand(
        item["scale"] == tree["scale"] and amount == Decimal(item["units"]).scaleb(-tree["scale"]),
        f"{name}: the amount differs",
    )
    return amount


def check_signature(entry: Any, key: str) -> None:
    try:  # the rest needs nothing
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        raise Wrong("the signature cannot be checked: install the package `cryptography`") from None
    try:
        known = Ed25519PublicKey.from_public_bytes(digest(key))
        known.verify(digest(entry["signature"], 64), entry["statement"].encode())
    except (InvalidSignature, ValueError):
        raise Wrong("the signature is not that of this key") from None


def main(arguments: list[str]) -> int:
    if len(arguments) not in {2, 4} or (len(arguments) == 4 and arguments[2] != "--key"):
        print(__doc__)
        return 2
    try:
        proof, entries = (Path(name).read_text(encoding="utf-8") for name in arguments[:2])
        own = json.loads(proof)
        counted = verify(own, published(entries))
        if len(arguments) == 4:
            check_signature(own, arguments[3])
    except Wrong as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        print(f"WRONG: this is no proof ({error!r})")
        return 1
    print(f"Right for customer {own['customer_id']} (is this you?) at {own['at']}:")
    for asset, amount in counted.items():
        print(f"  {amount} {asset} are counted in the published liabilities")
    print("  of any other asset you were owed nothing" if counted else "  you were owed nothing")
    if len(arguments) == 2:
        print("The signature was not checked (--key).")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
