"""`/docs`: the OpenAPI document as one page that a person can read, written by the server, with nothing loaded from elsewhere.

The usual documentation page fetches its program from a public network of files; a brokerage behind a firewall has none, and should not
run a stranger's script on the address where its customers log in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#888;--accent:#0a7ea4}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{margin:0}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}code,pre{font:14px/1.45 ui-monospace,monospace}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}
summary b{display:inline-block;min-width:4.5rem;color:var(--accent)}.dim{color:var(--dim)}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.25rem .5rem;vertical-align:top}
pre{overflow:auto;margin:.3rem 0}
"""


def page(document: dict[str, Any]) -> str:
    """The whole document as HTML; every text in it is escaped."""
    info = document["info"]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style>"
        f"<h1>{escape(info['title'])} <span class=dim>{escape(info['version'])}</span></h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        "<p>The same for programs: <a href=/openapi.json><code>/openapi.json</code></a></p>"
        + "".join(_section(tag, list(entries)) for tag, entries in _by_tag(document).items())
        + "<h2>Shapes</h2>"
        + "".join(_shape(name, schema) for name, schema in document["components"]["schemas"].items())
    )


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: defaultdict[str, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[(operation.get("tags") or ["other"])[0]].append((method, path, operation))
    return found


def _section(tag: str, entries: list[tuple[str, str, dict[str, Any]]]) -> str:
    return f"<h2>{escape(tag)}</h2>" + "".join(_operation(*entry) for entry in entries)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    permission = ", ".join(operation.get("x-permission", ())) or "public"
    rows = "".join(f"<tr><td>{left}</td><td>{right}</td></tr>" for left, right in _rows(operation))
    return (
        f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code>"
        f" <span class=dim>{escape(operation.get('summary', ''))} · {escape(permission)}</span></summary>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{rows}</table></details>"
    )


def _rows(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        needed = "required" if parameter.get("required") else "optional"
        where = f"{parameter['in']} <code>{escape(parameter['name'])}</code> <span class=dim>{needed}</span>"
        yield where, _type(parameter.get("schema", {})) + " " + escape(parameter.get("description", ""))
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"body <span class=dim>{escape(media)}</span>", _type(content.get("schema", {}))
    for status, response in operation["responses"].items():
        shapes = ", ".join(_type(content.get("schema", {})) for content in response.get("content", {}).values())
        yield f"<code>{escape(status)}</code>", f"{shapes} {escape(response.get('description', ''))}"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f"<a href='#{name}'><code>{name}</code></a>"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(_type(option) for option in options)
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return "list of " + _type(schema.get("items", {}))
    kind = schema.get("format") or schema.get("type") or "anything"
    return f"<code>{escape(str(kind))}</code>"


def _shape(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code> <span class=dim>{'' if field in required else 'optional'}</span></td>"
        f"<td>{_type(kind)} {escape(kind.get('description', ''))}</td></tr>"
        for field, kind in schema.get("properties", {}).items()
    )
    text = escape(schema.get("description", "").split("\n\n", maxsplit=1)[0])
    return (
        f"<h3 id='{escape(name)}'>{escape(name)}</h3><p>{text} {'' if rows else _type(schema)}</p><table>{rows}</table>"
    )
