"""Execution: children go out through `kernel.calls`, and what the venue answers becomes fills, journals and the order's next state."""
