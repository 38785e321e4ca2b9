"""Proofs: the full counts of what the product promises, against the whole stack. `./run prove <name>` writes docs/proof/<name>.md."""
