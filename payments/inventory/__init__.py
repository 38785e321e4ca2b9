"""Stock: append-only moves, and a row per SKU that a fold brings up to date; it can only under-estimate what may be sold."""
