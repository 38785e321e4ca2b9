"""Moving money between accounts: at once, in batches, on a day to come, with a second person, and back again once.

A transfer that is posted at once is its journal: there is no second row that could disagree with it. Only what waits is a row of its own.
"""
