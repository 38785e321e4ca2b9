"""What a loan product promises: how much is lent on an asset and at which prices something happens."""
