"""The venues' own lists of our executions, kept beside our fills so that the two can be compared."""
