"""The WordPiece tokenizer of the local models."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["WordPieces"]


class WordPieces:
    """Texts to token ids with [CLS] first and [SEP] last. Safe to use from several threads.

    Cutting to the model's length happens here and not in the library: that keeps the cut-off rest as further
    encodings, which costs time, and `count` needs the length before the cut.
    """

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.size = self._tokenizer.get_vocab_size()

    def encode(self, texts: Sequence[str], *, tokens_max: int) -> list[list[int]]:
        """Ids of each text, between 2 and `tokens_max` of them."""
        if len(texts) == 1:  # a query: not worth waking the library's threads
            encodings = [self._tokenizer.encode(texts[0])]
        else:
            encodings = self._tokenizer.encode_batch_fast(list(texts))
        return [_cut(encoding.ids, tokens_max) for encoding in encodings]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, the two special ones included."""
        return [len(encoding) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def special_ids(self) -> tuple[int, int]:
        """The ids of [CLS] and [SEP]."""
        first, last = self._tokenizer.encode("").ids
        return first, last


def _cut(ids: list[int], tokens_max: int) -> list[int]:
    return ids if len(ids) <= tokens_max else [*ids[: tokens_max - 1], ids[-1]]
