"""`/docs`: the OpenAPI document for people, in one page without scripts and without anything from elsewhere."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import jinja2
from markupsafe import Markup, escape

STYLE = """
:root{color-scheme:light dark;--bg:#f4f6f3;--surface:#fff;--ink:#13201c;--ink-2:#4a5853;--line:#c6d0ca;--brand:#0b5f5a;
font:16px/1.5 system-ui,sans-serif}
@media(prefers-color-scheme:dark){:root{--bg:#0d1412;--surface:#151e1b;--ink:#edf4f1;--ink-2:#a8b8b2;--line:#33423c;
--brand:#62d5c6}}
body{max-width:60rem;margin:0 auto;padding:1rem;background:var(--bg);color:var(--ink)}
a{color:var(--brand)}
h1 small{color:var(--ink-2);font-weight:400}
h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:.6rem;margin:.4rem 0;padding:.3rem .8rem;background:var(--surface)}
summary{cursor:pointer}
code,pre{font-family:ui-monospace,monospace;font-size:.9rem}
pre{overflow:auto;padding:.6rem;border:1px solid var(--line);border-radius:.4rem}
:focus-visible{outline:3px solid #ffd60a;box-shadow:0 0 0 6px var(--ink)}
.method{display:inline-block;min-width:4.2rem;font-weight:700;color:var(--brand)}
table{border-collapse:collapse;width:100%;margin:.6rem 0}
th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{{ info.title }} – API</title>
<style>{{ style|safe }}</style>
</head>
<body>
<header>
<h1>{{ info.title }} <small>{{ info.version }}</small></h1>
{% for paragraph in info.description.strip().split("\n\n") %}<p>{{ paragraph|prose }}</p>
{% endfor %}
<p>For machines: <a href="/openapi.json">openapi.json</a>, <a href="/asyncapi.json">asyncapi.json</a>.</p>
<nav aria-label="Sections"><ul>
{% for tag in groups %}<li><a href="#tag-{{ loop.index }}">{{ tag }}</a></li>
{% endfor %}<li><a href="#problems">Problems</a></li>
</ul></nav>
</header>
<main>
{% for tag, operations in groups.items() %}
<section aria-labelledby="tag-{{ loop.index }}">
<h2 id="tag-{{ loop.index }}">{{ tag }}</h2>
{% for o in operations %}
<details id="{{ o.id }}">
<summary><span class="method">{{ o.method }}</span> <code>{{ o.path }}</code> – {{ o.summary }}</summary>
<p>{{ o.description|prose }}
{% if o.permission %}Needs the permission <code>{{ o.permission }}</code>.{% elif o.open %}\
Public.{% else %}For anybody who is signed in.{% endif %}</p>
{% if o.parameters %}<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th>\
<th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>
{% for p in o.parameters %}<tr><td><code>{{ p.name }}</code>{{ " *" if p.required }}</td><td>{{ p["in"] }}</td>\
<td>{{ p.kind }}</td><td>{{ p.meaning|prose }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
{% if o.body %}<p>Body:</p><pre tabindex="0">{{ o.body }}</pre>{% endif %}
{% if o.example %}<p>For example:</p><pre tabindex="0">{{ o.example }}</pre>{% endif %}
<table><thead><tr><th scope="col">Status</th><th scope="col">When</th></tr></thead><tbody>
{% for status, meaning in o.responses %}<tr><td>{{ status }}</td><td>{{ meaning|prose }}</td></tr>
{% endfor %}</tbody></table>
</details>
{% endfor %}
</section>
{% endfor %}
<section aria-labelledby="problems">
<h2 id="problems">Problems</h2>
<table><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>
{% for code, p in problems.items() %}<tr id="problem-{{ code }}"><td><code>{{ code }}</code></td>\
<td>{{ p.value.status }}</td><td>{{ p.description|prose }}</td></tr>
{% endfor %}</tbody></table>
</section>
</main>
</body>
</html>
"""


def page(document: Mapping[str, Any]) -> bytes:
    """Return the page that shows `document`."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(document, method, path, operation))
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["prose"] = _prose
    return (
        environment.from_string(_PAGE)
        .render(info=document["info"], style=STYLE, groups=groups, problems=document["components"]["examples"])
        .encode()
    )


def _prose(text: str) -> Markup:
    """Escape `text`; what stands between backticks becomes code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S704 – escaped before


def _shown(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission"),
        "open": operation["security"] == [],
        "parameters": [_parameter(_resolved(document, p)) for p in operation["parameters"]],
        "body": _pretty(_resolved(document, body["schema"])) if body else "",
        "example": _pretty(body["example"]) if "example" in body else "",
        "responses": [(status, one["description"]) for status, one in operation["responses"].items()],
    }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    meaning = parameter.get("description") or schema.get("description", "")
    return {
        "name": parameter["name"],
        "in": parameter["in"],
        "required": parameter.get("required", False),
        "kind": schema.get("format") or schema.get("type", ""),
        "meaning": meaning,
    }


def _resolved(document: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = given.get("$ref")
    if reference is None:
        return given
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
