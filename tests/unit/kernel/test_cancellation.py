"""A loop that survives errors still ends when it is asked to, even when the request collides with an error or is swallowed once."""

import asyncio
import contextlib

from kernel.cancellation import together


async def _breaks():
    """Turn the cancellation into an ordinary error, as client libraries do."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ConnectionError("closed") from None


async def _swallows():
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


async def _survivor(rounds, *works):
    """A loop like a feed's: whatever breaks, it starts again."""
    while True:
        with contextlib.suppress(ConnectionError):
            await together(*(work() for work in works))
        rounds.append(1)
        await asyncio.sleep(0.01)


def _cancelled(*works):
    """Cancel the loop while its works run; (it ended, rounds it went through)."""

    async def main():
        rounds = []
        task = asyncio.create_task(_survivor(rounds, *works))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task], timeout=10)
        return task.done() and task.cancelled(), len(rounds)

    return asyncio.run(main())


def test_a_cancellation_that_collides_with_an_error_ends_the_loop():
    assert _cancelled(_breaks, _breaks) == (True, 0)


def test_a_child_that_swallows_its_cancellation_is_asked_again():
    assert _cancelled(_swallows, _breaks) == (True, 0)


def test_the_first_error_ends_the_others_and_is_raised():
    ended = []

    async def fails():
        raise ConnectionError("gone")

    async def waits():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    async def main():
        with contextlib.suppress(ConnectionError):
            await together(waits(), fails())
            ended.append("no error")
        assert ended == ["waits"]
        assert len(asyncio.all_tasks()) == 1, "nobody is left behind"

    asyncio.run(main())
