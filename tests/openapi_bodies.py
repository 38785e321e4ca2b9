"""Requests made from the OpenAPI document: a body that has its shape, and every place in it where an amount of money stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

MONEY = r"^-?\d{1,38}(\.\d{1,30})?$"
"""What the document says of a `kernel.money.DecimalString`, and of nothing else."""
SOME_ID = str(UUID(int=7))
_FORMATS = {
    "uuid": SOME_ID, "date-time": "2031-01-01T00:00:00Z", "date": "2031-01-01", "duration": "P1D", "password": "correct horse battery",
}  # fmt: skip
_NUMBERS = {"integer": 1, "boolean": False, "null": None, "number": 1}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount stands in a body; `body(value)` is one with this value there."""

    path: tuple[str, ...]
    body: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Document:
    told: dict[str, Any]

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(method, path, operation) of what takes a JSON body."""
        for path, item in self.told["paths"].items():
            for method, operation in item.items():
                if "application/json" in operation.get("requestBody", {}).get("content", {}):
                    yield method.upper(), path, operation

    def schema(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Of its body."""
        found: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
        return found

    def body(self, method: str, path: str) -> Any:
        """Something that this operation takes; None where it takes nothing."""
        operation = self.told["paths"][path][method.lower()]
        return self.sample(self.schema(operation)) if "requestBody" in operation else None

    def address(self, path: str, operation: dict[str, Any]) -> tuple[str, dict[str, str]]:
        """The path and the query that it demands, filled."""
        query = {}
        for one in operation.get("parameters", ()):
            value = str(self.sample(one["schema"]))
            if one["in"] == "path":
                path = path.replace("{" + one["name"] + "}", value)
            elif one["in"] == "query" and one.get("required"):
                query[one["name"]] = value
        return path, query

    def sample(self, schema: dict[str, Any]) -> Any:
        """Something of this shape, with nothing in it that may be left out."""
        schema = self._plain(schema)
        for word in ("const", "default"):
            if word in schema:
                return schema[word]
        for word in ("examples", "enum"):
            if schema.get(word):
                return schema[word][0]
        if options := self._options(schema):
            return self.sample(options[0])
        kind = schema.get("type")
        if kind == "object":
            known = schema.get("properties", {})
            return {name: self.sample(known[name]) for name in schema.get("required", ())}
        if kind == "array":
            return [self.sample(schema["items"])] * schema.get("minItems", 0)
        if kind == "string":
            return self._text(schema)
        return int(schema["minimum"]) if "minimum" in schema else _NUMBERS.get(str(kind))

    def amounts(self, schema: dict[str, Any], within: tuple[str, ...] = ()) -> Iterator[Place]:
        """Every place of an amount, in every branch."""
        if (name := schema.get("$ref")) in within:
            return
        within, schema = (*within, name) if name else within, self._plain(schema)
        if schema.get("pattern") == MONEY:
            yield Place((), lambda value: value)
        for option in self._options(schema):
            yield from self.amounts(option, within)
        for name, inner in schema.get("properties", {}).items():
            yield from self._inside(name, self.amounts(inner, within), schema)
        if isinstance(others := schema.get("additionalProperties"), dict):
            name = self.sample(schema.get("propertyNames", {"const": "BTC"}))
            yield from self._inside(name, self.amounts(others, within), schema)
        for place in self.amounts(schema["items"], within) if "items" in schema else ():
            yield Place(("0", *place.path), lambda value, place=place: [place.body(value)])

    def kinds(self, schema: dict[str, Any], within: tuple[str, ...] = ()) -> set[str]:
        """The types of everything in it."""
        if (name := schema.get("$ref")) in within:
            return set()
        within, schema = (*within, name) if name else within, self._plain(schema)
        inner = [
            *self._options(schema),
            *schema.get("properties", {}).values(),
            schema.get("additionalProperties"),
            schema.get("items"),
        ]
        found = {str(schema["type"])} if "type" in schema else set()
        return found.union(*(self.kinds(one, within) for one in inner if isinstance(one, dict)))

    def _inside(self, name: str, places: Iterator[Place], schema: dict[str, Any]) -> Iterator[Place]:
        for place in places:
            yield Place((name, *place.path), lambda value, place=place: self.sample(schema) | {name: place.body(value)})

    def _plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in schema:
            return schema
        found: dict[str, Any] = self.told["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return found

    def _options(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """Without null."""
        found = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
        return [one for one in found if one.get("type") != "null"]

    def _text(self, schema: dict[str, Any]) -> str:
        if schema.get("pattern") == MONEY:
            return "1"
        return _FORMATS.get(schema.get("format", ""), "a" * max(1, schema.get("minLength", 1)))
