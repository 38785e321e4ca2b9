"""A loop that survives errors still ends when it is asked to, even when the request collides with an error."""

import asyncio

from kernel.cancellation import raise_if_cancelled


async def _stream():
    """Two children of which one turns its cancellation into an ordinary error, as client libraries do."""

    async def breaks():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("closed") from None

    async with asyncio.TaskGroup() as group:
        group.create_task(breaks())
        group.create_task(asyncio.Event().wait())


async def _follow(asked):
    while True:
        try:
            await _stream()
        except Exception:
            raise_if_cancelled()
        asked.append("went on")
        await asyncio.sleep(0)


async def _end_of(task):
    await asyncio.sleep(0.01)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done, "the loop went on for ever"
    return task


def test_a_cancellation_that_collides_with_an_error_ends_the_loop():
    async def main():
        asked = []
        task = await _end_of(asyncio.create_task(_follow(asked)))
        assert task.cancelled()
        assert asked == []

    asyncio.run(main())


def test_without_a_cancellation_errors_are_survived():
    async def main():
        raise_if_cancelled()

    asyncio.run(main())
