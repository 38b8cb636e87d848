"""Undoing a body's compression piece by piece, so that a small body cannot become a large one unseen."""

import zlib
from collections.abc import Iterator

__all__ = ["ACCEPT_ENCODING", "Decoder", "DecodingError", "make_decoder"]

ACCEPT_ENCODING = "gzip, deflate"
_PIECE_BYTES = 256 * 1024
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class DecodingError(Exception):
    """The bytes are not in the encoding their sender named, or it is one we did not ask for."""


class Decoder:
    """Passes bytes through as they are."""

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """The decoded pieces of one chunk, each of a bounded size."""
        yield packed

    def finish(self) -> None:
        """Raise DecodingError where the stream ended too early."""


class _Inflater(Decoder):
    """gzip and zlib; also the raw deflate that some servers send under the name `deflate`."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._started = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        rest = packed
        while rest and not self._inflate.eof:
            try:
                piece = self._inflate.decompress(rest, _PIECE_BYTES)
            except zlib.error as error:
                if self._started:
                    raise DecodingError(str(error)) from error
                self._started, self._inflate = True, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._started = True
            rest = self._inflate.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        if self._started and not self._inflate.eof:
            raise DecodingError("it ends too early")


def make_decoder(encoding: str) -> Decoder:
    """The decoder of a content-encoding. Raises DecodingError for one outside ACCEPT_ENCODING."""
    if encoding in {"", "identity"}:
        return Decoder()
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return _Inflater()
    raise DecodingError("an encoding that was not asked for")
