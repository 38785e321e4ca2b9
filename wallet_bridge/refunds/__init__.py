"""Held deposits that two people send back to whoever sent them: asked for, agreed to, paid by the custodian, booked when it is final."""
