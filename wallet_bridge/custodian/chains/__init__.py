"""Chains, each behind one protocol: what a block paid, how bytes that pay are made, and what became of them."""
