"""Events: facts that leave a package, in the past tense and with a version, as frozen dataclasses of ids and amounts.

They are stored as JSON in the outbox; decimals, ids and times travel as strings and come back as what the annotation says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")

_by_topic: dict[str, type] = {}
_topics: dict[type, str] = {}


def event(topic: str) -> Callable[[type[T]], type[T]]:
    """Register a frozen dataclass under its topic, e.g. `broker.order_filled.v1`."""

    def register(kind: type[T]) -> type[T]:
        assert dataclasses.is_dataclass(kind), f"{kind.__name__} must be a dataclass"
        assert topic not in _by_topic, f"topic {topic} is taken"
        _by_topic[topic] = kind
        _topics[kind] = topic
        return kind

    return register


def topic_of(fact: object) -> str:
    return topic_of_kind(type(fact))


def topic_of_kind(kind: type) -> str:
    """Under which topic a registered class travels: for those who list what they read by class."""
    return _topics[kind]


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Making one costs more than using it a hundred times."""
    return TypeAdapter(kind)


def encode(fact: object) -> dict[str, Any]:
    kind: type = type(fact)
    return _adapter(kind).dump_python(fact, mode="json")  # type: ignore[no-any-return]


def decode(topic: str, payload: dict[str, Any]) -> Any:
    return _adapter(_by_topic[topic]).validate_python(payload)


def catalogue() -> dict[str, type]:
    return dict(sorted(_by_topic.items()))
