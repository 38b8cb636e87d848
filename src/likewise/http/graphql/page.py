"""The page of the schema: what can be asked, as text to read, with nothing loaded from elsewhere."""

from html import escape

from likewise import __version__

__all__ = ["SCHEMA_PATH", "render_page"]

SCHEMA_PATH = "/graphql/schema.graphql"
_TRY = """curl -s localhost:8765/graphql -H 'Content-Type: application/json' \\
  -d '{"query": "{ __schema { queryType { fields { name } } } }"}'"""


def render_page(sdl: str) -> str:
    """The whole page as HTML."""
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<title>Likewise GraphQL</title><link rel="icon" href="data:,">',
            '<link rel="stylesheet" href="/docs/style.css"></head><body>',
            '<a class="skip" href="#content">Skip to content</a>',
            '<nav aria-label="Pages"><a class="home" href="/">Likewise</a><ul><li><a href="/docs">REST</a></li>',
            f'<li><a href="{SCHEMA_PATH}">schema.graphql</a></li></ul></nav>',
            f'<main id="content"><header><h1>Likewise GraphQL <small>{escape(__version__)}</small></h1>',
            "<p>Send operations here with POST; subscriptions with <code>Accept: text/event-stream</code>, or over a ",
            "web socket with the protocol <code>graphql-transport-ws</code>. On loopback no key is needed; elsewhere ",
            "send <code>Authorization: Bearer lw_...</code>, over a web socket as <code>authorization</code> in the ",
            "payload of <code>connection_init</code>.</p></header>",
            f"<h2>Try it</h2><pre><code>{escape(_TRY)}</code></pre>",
            f'<h2>Schema</h2><pre tabindex="0"><code>{escape(sdl)}</code></pre>',
            "</main></body></html>",
        )
    )
