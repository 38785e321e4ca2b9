"""Trees for tests, made without a database: a house with some customers, its published statement, and everybody's proof."""

import importlib.util
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from wallet_bridge.reserves import rules
from wallet_bridge.reserves.rules import TILE, Figures

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "sdk" / "verify_reserves.py"
AT = datetime(2026, 11, 22, tzinfo=UTC)


def script():
    """The verifier that customers run; not a part of the product."""
    spec = importlib.util.spec_from_file_location("verify_reserves", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Tree:
    """One asset; `amounts` in units, one a customer."""

    def __init__(self, amounts, *, asset="BTC", scale=8, seed=1, snapshot=None):
        self.draw = random.Random(seed)
        self.asset, self.scale, self.amounts = asset, scale, list(amounts)
        self.snapshot = snapshot or self.uuid()
        self.customers = [self.uuid() for _ in amounts]
        self.nonces = [self.draw.randbytes(16) for _ in amounts]
        self.leaves = [
            rules.leaf(snapshot=self.snapshot, asset=asset, customer=who, nonce=nonce, amount=amount)
            for who, nonce, amount in zip(self.customers, self.nonces, amounts, strict=True)
        ]
        tiles = [self.leaves[first : first + TILE] for first in range(0, len(amounts), TILE)]
        self.tops = [rules.tile_top(tile, total=len(amounts)) for tile in tiles]
        self.root = rules.root(self.tops, total=len(amounts))

    def uuid(self):
        return UUID(bytes=self.draw.randbytes(16))

    def path(self, position):
        first = position - position % TILE
        return rules.path(self.leaves[first : first + TILE], self.tops, position=position, total=len(self.leaves))

    @property
    def figures(self):
        return Figures(
            asset=self.asset, scale=self.scale, leaves=len(self.leaves), root=self.root.hash, liabilities=self.root.sum,
            venues=self.root.sum, wallets=0, cash=0, in_transit=0, loans=0,
        )  # fmt: skip

    def item(self, position):
        amount = self.amounts[position]
        return {
            "asset": self.asset,
            "scale": self.scale,
            "position": position,
            "nonce": self.nonces[position].hex(),
            "units": str(amount),
            "amount": rules.canonical(rules.Decimal(amount) * rules.unit(self.scale)),
            "path": [{"hash": node.hash.hex(), "sum": str(node.sum)} for node in self.path(position)],
        }

    @property
    def published(self):
        said = rules.statement(house=UUID(int=1), snapshot=self.snapshot, at=AT, assets=[self.figures])
        return {"statement": said, "key_id": "k", "public_key": "00" * 32, "signature": "00" * 64}

    def proof(self, position):
        return {
            "format": rules.FORMAT,
            "snapshot_id": str(self.snapshot),
            "customer_id": str(self.customers[position]),
            "at": AT.isoformat().replace("+00:00", "Z"),
            "items": [self.item(position)],
            **self.published,
        }


def copy(thing):
    return json.loads(json.dumps(thing))


VECTORS = ROOT / "consoles" / "app" / "src" / "faces" / "reserves" / "vectors.json"


def vectors():
    """What every verifier must say of: good proofs of some sizes of trees, and bad ones with the reason that the console gives."""
    trees = [Tree([5, 0, 7, 10**30, 1, 10**18], seed=3), Tree([123456789], seed=4, asset="USDT", scale=6)]
    good = [trees[0].proof(at) for at in (0, 1, 3, 5)] + [trees[1].proof(0)]
    nothing = copy(trees[0].proof(0)) | {"customer_id": str(UUID(int=9)), "items": []}
    return {
        "published": [tree.published for tree in trees],
        "good": [*good, nothing],
        "bad": [
            {"why": why, "reason": reason, "proof": _spoilt(good[2], spoil)} for why, reason, spoil in _spoils(good)
        ],
    }


def _spoilt(proof, spoil):
    bad = copy(proof)
    return spoil(bad) or bad


def _spoils(good):
    def item(**changes):
        return lambda proof: proof["items"][0].update(changes)

    def sibling(**changes):
        return lambda proof: proof["items"][0]["path"][1].update(changes)

    return [
        ("a negative amount", "negative", item(units="-7")),
        ("a negative neighbour", "negative", sibling(sum="-1")),
        ("a neighbour that runs over", "negative", sibling(sum=str((1 << 256) - 1))),
        ("an amount with a leading zero", "negative", item(units="07")),
        ("a larger amount", "root", item(units=str(10**30 + 1))),
        ("another amount in words", "amount", item(amount="1")),
        ("another scale", "amount", item(scale=9)),
        ("another nonce", "root", item(nonce="00" * 16)),
        ("another neighbour", "root", sibling(hash="11" * 32)),
        ("another sum beside", "root", sibling(sum="6")),
        ("another place", "root", item(position=2)),
        ("a place beyond the leaves", "tree", item(position=6)),
        ("an asset of which nothing is published", "tree", item(asset="ETH")),
        ("a shorter path", "length", lambda proof: proof["items"][0]["path"].pop() and None),
        ("somebody else", "root", lambda proof: proof.update(customer_id=good[0]["customer_id"])),
        ("another snapshot", "statement", lambda proof: proof.update(snapshot_id=str(UUID(int=8)))),
        ("another moment", "statement", lambda proof: proof.update(at="2026-11-23T00:00:00Z")),
        ("another signature", "statement", lambda proof: proof.update(signature="11" * 64)),
        ("another format", "shape", lambda proof: proof.update(format="rivermouth/reserves/2")),
        ("one asset twice", "shape", lambda proof: proof["items"].append(copy(proof["items"][0]))),
    ]


def write_vectors():
    VECTORS.write_text(json.dumps(vectors(), indent=1) + "\n")
