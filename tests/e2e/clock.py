"""Business time in end-to-end tests: to a moment and not by a length, so that no midnight falls into a story."""

from datetime import UTC, datetime, time, timedelta

from rivermouth.prove.silence import advance


def business_now(stack):
    return datetime.fromisoformat(stack.admin.get("/v1/sandbox/clock")["business_now"])


def go_to(stack, day, clock=time(12)):
    """Business time goes on to a moment of a day; what fell due has run by then."""
    moment = datetime.combine(day, clock, UTC)
    advance(stack, int((moment - business_now(stack)) / timedelta(seconds=1)) + 1)
