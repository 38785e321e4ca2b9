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
