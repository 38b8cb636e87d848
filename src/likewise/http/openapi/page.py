"""The API's page, from its document: every operation with its parameters, bodies, answers, and a curl to try."""

import json
import shlex
from collections.abc import Iterator
from html import escape
from typing import Any, cast
from urllib.parse import quote, urlencode

from likewise.http.openapi.document import Document

__all__ = ["render_page"]

_TITLE_BY_TAG = {
    "search": "Search",
    "collections": "Collections",
    "items": "Items",
    "files": "Files in and out",
    "models": "Models",
    "operations": "Operations",
    "jobs": "Jobs",
    "keys": "API keys",
    "tenants": "Tenants",
    "installation": "Installation",
    "health": "Health",
}
_DEPTH_MAX = 4
_PLAIN_SAMPLES: dict[str, object] = {
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "object": {},
    "string": "...",
    "date-time": "2026-11-21T08:00:00Z",
}


def render_page(document: Document) -> str:
    """The whole page as HTML."""
    by_tag: dict[str, list[tuple[str, str, Document]]] = {tag: [] for tag in _TITLE_BY_TAG}
    for path, operations in cast("Document", document["paths"]).items():
        for method, operation in operations.items():
            by_tag.setdefault((operation.get("tags") or ["other"])[0], []).append((method, path, operation))
    groups = {tag: found for tag, found in by_tag.items() if found}
    schemas = cast("Document", document["components"]["schemas"])
    about = "".join(f"<p>{_inline(part)}</p>" for part in document["info"]["description"].split("\n\n"))
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<title>Likewise API</title><link rel="icon" href="data:,">',
            '<link rel="stylesheet" href="/docs/style.css"></head><body>',
            '<a class="skip" href="#content">Skip to content</a>',
            f'<nav aria-label="Operations"><a class="home" href="/">Likewise</a>{"".join(_menu(groups))}</nav>',
            f'<main id="content"><header><h1>Likewise API <small>{escape(document["info"]["version"])}</small></h1>',
            f'{about}<p><a href="/openapi.json">openapi.json</a> describes the same for programs.</p></header>',
            *(_group(tag, found, schemas) for tag, found in groups.items()),
            "</main></body></html>",
        )
    )


def _menu(groups: dict[str, list[tuple[str, str, Document]]]) -> Iterator[str]:
    for tag, found in groups.items():
        yield f"<h2>{escape(_title(tag))}</h2><ul>"
        for method, _, operation in found:
            yield (
                f'<li><a href="#{escape(operation["operationId"])}"><b class="{method}">{method.upper()}</b> '
                f"{escape(operation.get('summary', ''))}</a></li>"
            )
        yield "</ul>"


def _group(tag: str, found: list[tuple[str, str, Document]], schemas: Document) -> str:
    inside = "".join(_operation(method, path, operation, schemas) for method, path, operation in found)
    return f'<section class="group"><h2>{escape(_title(tag))}</h2>{inside}</section>'


def _operation(method: str, path: str, operation: Document, schemas: Document) -> str:
    name = escape(operation["operationId"])
    body = cast("Document", operation.get("requestBody", {}).get("content", {}))
    parts = [
        f'<article id="{name}"><h3><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code>',
        f'<a class="anchor" href="#{name}" aria-label="Link to {name}">#</a></h3>',
        f"<p class='lead'>{_inline(operation.get('summary', ''))}</p>",
        *(f"<p>{_inline(part)}</p>" for part in operation.get("description", "").split("\n\n")),
        _parameters(operation.get("parameters", []), schemas),
    ]
    for kind, content in body.items():
        schema = cast("Document", content.get("schema", {}))
        parts.append(f"<h4>Body <small>{escape(kind)}</small></h4>{_fields(schema, schemas)}")
    parts.append(f"<h4>Try it</h4><pre><code>{escape(_curl(method, path, operation))}</code></pre>")
    parts.append(_answers(operation["responses"], schemas))
    parts.append("</article>")
    return "".join(parts)


def _parameters(parameters: list[Document], schemas: Document) -> str:
    if not parameters:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code>{_needed(one.get('required', False))}</td>"
        f"<td>{escape(one['in'])}</td><td>{escape(_kind(one.get('schema', {}), schemas))}</td>"
        f"<td>{_inline(one.get('description', ''))}</td></tr>"
        for one in parameters
    )
    return f"<h4>Parameters</h4>{_table(('Name', 'In', 'Type', 'Meaning'), rows)}"


def _fields(schema: Document, schemas: Document) -> str:
    found = _resolved(schema, schemas)
    properties = cast("Document", found.get("properties", {}))
    if not properties:
        return f"<p>{escape(_kind(schema, schemas))}. {_inline(found.get('description', ''))}</p>"
    required = set(cast("list[str]", found.get("required", [])))
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{_needed(name in required)}</td>"
        f"<td>{escape(_kind(one, schemas))}</td><td>{_inline(_resolved(one, schemas).get('description', ''))}"
        f"{_default(one)}</td></tr>"
        for name, one in properties.items()
    )
    about = f"<p>{_inline(found['description'])}</p>" if "description" in found else ""
    return about + _table(("Field", "Type", "Meaning"), rows)


def _answers(responses: Document, schemas: Document) -> str:
    parts = ["<h4>Answers</h4>"]
    errors: list[str] = []
    for status, response in responses.items():
        if not status.startswith("2"):
            errors.append(status)
            continue
        for kind, content in cast("Document", response.get("content", {})).items():
            schema = cast("Document", content.get("schema", {}))
            parts.append(
                f"<details><summary><b>{status}</b> {escape(response.get('description', ''))} "
                f"<small>{escape(kind)}</small></summary>{_fields(schema, schemas)}"
                f"<pre><code>{escape(json.dumps(_sample(schema, schemas), indent=2))}</code></pre></details>"
            )
    parts.append(f"<p class='errors'>Errors: {', '.join(one for one in errors if one != 'default')}.</p>")
    return "".join(parts)


def _curl(method: str, path: str, operation: Document) -> str:
    address, query, words = path, list[tuple[str, Any]](), ["curl"]
    for one in operation.get("parameters", []):
        if "example" not in one:
            continue
        if one["in"] == "path":
            address = address.replace("{" + one["name"] + "}", quote(str(one["example"])))
        elif one["in"] == "query":
            query.append((one["name"], one["example"]))
    if method != "get":
        words.append(f"-X {method.upper()}")
    target = f"http://127.0.0.1:8765{address}" + (f"?{urlencode(query)}" if query else "")
    words.append(f"'{target}'")
    for kind, content in cast("Document", operation.get("requestBody", {}).get("content", {})).items():
        if "example" in content:
            given = content["example"]
            text = given if isinstance(given, str) else json.dumps(given)
            flag = "--data-binary" if isinstance(given, str) else "-d"
            words.append(f"\\\n  -H 'Content-Type: {kind}' {flag} {shlex.quote(text)}")
    return " ".join(words)


def _resolved(schema: Document, schemas: Document) -> Document:
    reference = schema.get("$ref")
    return cast("Document", schemas.get(str(reference).rpartition("/")[2], {})) if reference else schema


def _members(array: Document) -> list[Document]:
    """The schemas of an array's members: one for all, or one for each place."""
    return cast("list[Document]", array.get("prefixItems") or [array.get("items", {})])


def _kind(schema: Document, schemas: Document) -> str:
    """A schema in a few words."""
    for together in ("oneOf", "anyOf"):
        if together in schema:
            kinds = [_kind(one, schemas) for one in schema[together]]
            return " or ".join(dict.fromkeys(kinds))
    if "$ref" in schema:
        found = _resolved(schema, schemas)
        return _kind(found, schemas) if "enum" in found else str(found.get("title") or "object")
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        kinds = dict.fromkeys(_kind(one, schemas) for one in _members(schema))
        return f"list of {' and '.join(kinds)}"
    kind = schema.get("type", "anything")
    return " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(schema.get("format", kind))


def _sample(schema: Document, schemas: Document, depth: int = 0) -> object:
    """Something of this form."""
    found = _resolved(schema, schemas)
    known = cast("list[object]", found.get("examples") or found.get("enum") or [])
    alternatives = cast("list[Document]", found.get("oneOf") or found.get("anyOf") or [])
    choices = [one for one in alternatives if one.get("type") != "null"]
    sample = _PLAIN_SAMPLES.get(str(found.get("format") or found.get("type")))
    if depth > _DEPTH_MAX:
        sample = None
    elif known:
        sample = known[0]
    elif choices:
        sample = _sample(choices[0], schemas, depth + 1)
    elif "properties" in found:
        sample = {name: _sample(one, schemas, depth + 1) for name, one in found["properties"].items()}
    elif found.get("type") == "array":
        sample = [_sample(one, schemas, depth + 1) for one in _members(found)]
    return sample


def _needed(required: bool) -> str:  # noqa: FBT001 - a cell of a table
    return ' <em class="required">required</em>' if required else ""


def _default(schema: Document) -> str:
    if schema.get("default") in (None, {}, []):
        return ""
    return f' <span class="default">default <code>{escape(json.dumps(schema["default"]))}</code></span>'


def _table(headings: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    return f'<div class="table" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _title(tag: str) -> str:
    return _TITLE_BY_TAG.get(tag, tag.capitalize())


def _inline(text: str) -> str:
    """Text with `code` in it, as HTML."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
