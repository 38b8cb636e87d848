"""Takes one write, lets its effect be committed, and dies before the answer is stored or sent.

Run as a program: database URL, API key, Idempotency-Key, home.
"""

import asyncio
import os
import sys
from pathlib import Path

import httpx

from likewise.app import Server, open_app
from likewise.http.asgi import build_asgi
from likewise.platform.config import Settings
from likewise.platform.idempotency import Claim, StoredAnswer


async def _die(_claim: Claim, answer: StoredAnswer) -> None:
    sys.stdout.write(f"{answer.status}\n")
    sys.stdout.flush()
    os._exit(9)


async def main(url: str, key: str, idempotency_key: str, home: str) -> None:
    setattr(Claim, "keep", _die)  # noqa: B010 - the moment of its death
    settings = Settings({"home": home, "embedding_model": "fake"}, file=Path("/nonexistent/likewise.toml"))
    server = Server(url, b"0" * 32, embedded=True, release=lambda: None)
    async with open_app(settings, server=server) as app:
        transport = httpx.ASGITransport(build_asgi(app, [], keyless=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.post(
                "/api/v1/keys",
                json={"name": "made once"},
                headers={"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key},
            )
    raise SystemExit("the request was answered")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
