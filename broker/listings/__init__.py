"""The venues' own lists of what is open on our account, kept beside our venue orders so that the two can be compared."""
