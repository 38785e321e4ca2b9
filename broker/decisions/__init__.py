"""What people decide about a venue order that no answer of the venue settles."""
