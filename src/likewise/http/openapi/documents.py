"""The document and the page, made when somebody asks for them."""

import asyncio
from collections.abc import Callable

import msgspec

from likewise.http.openapi.document import Document, complete
from likewise.http.openapi.page import render_page

__all__ = ["Documents"]


class Documents:
    """The document and the page, made when they are first asked for."""

    def __init__(self, derive: Callable[[], Document]) -> None:
        self._derive = derive
        self._made: tuple[bytes, str] | None = None
        self._making = asyncio.Lock()

    async def get(self) -> tuple[bytes, str]:
        """The document as JSON, and the page."""
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
        return self._made

    def _make(self) -> tuple[bytes, str]:
        document = complete(self._derive())
        return msgspec.json.encode(document), render_page(document)
