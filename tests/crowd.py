"""Many at once: each in a thread of its own, all let go together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each answered, in their order; a failure of one is raised."""
    gate, answers = threading.Barrier(len(deeds)), [None] * len(deeds)
    failed: list[BaseException] = []

    def do(n: int) -> None:
        gate.wait()
        try:
            answers[n] = deeds[n]()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=do, args=(n,)) for n in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return answers
