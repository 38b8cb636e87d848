"""The web console: a client of the public HTTP API, built from `web/` into `dist/`.

The server sends `DIST/index.html` for every GET outside its own addresses, and the hashed files under
`DIST/assets` with a lifetime of a year.
"""

from pathlib import Path

DIST: Path = Path(__file__).parent / "dist"
"""The built bundle: index.html and assets/."""
