"""The order desk: customers' orders, the internal limit book, routing, and execution on real venues.

Hedged before filled: no customer fill exists without its venue fill, and both are posted in one transaction.
"""
