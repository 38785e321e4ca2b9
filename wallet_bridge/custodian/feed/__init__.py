"""What happened at the custodian, numbered without a gap: the truth that the bridge reads."""
