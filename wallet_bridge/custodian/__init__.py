"""The reference custodian: keeps the keys, reads the chains, pays what the bridge asks for, once.

A program of its own with a database of its own; it shares the shapes of the wire with the bridge and nothing else. Whoever has a custodian
already replaces it by that one, behind the same wire.
"""
