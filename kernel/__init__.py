"""The ground floor: money, ids, clocks, the database, events, calls to the outside. Everybody may import it, it imports nobody."""

from kernel import money as _money  # noqa: F401  the decimal context must be set before anything computes
