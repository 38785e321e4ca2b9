"""The simulated venues: one process, four exchanges, each in its own dialect, with faults on request."""
