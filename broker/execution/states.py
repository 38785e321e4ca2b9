"""Words that others may know about execution: the channel on which finished and resting orders are announced."""

CHANNEL = "rm:orders"
