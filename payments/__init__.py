"""The ledger: journals first, balances as a late projection that can only under-estimate what may be spent.

One thing per sub-package: `assets`, `accounts`, `journal` (posting), `holds`, `balances` (fold, seal, read), `statements`; and the payment
flow above them: `products`, `inventory`, `orders`. The money tables are written by SQL functions alone (migration 0003); the services here
turn their answers into values and errors.
"""
