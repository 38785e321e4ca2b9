"""What can be bought with a payment order: a price with versions, terms that never change, and units in stock."""
