"""The custodian as the bridge sees it: what is asked of it, what it reports, and what its payments cost."""
