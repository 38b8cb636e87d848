"""Similar: what is like an item, a text, or several examples, and unlike others."""

import time
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding import Space, embed_texts, item_vectors, serving_space
from likewise.engine.search import logic, store
from likewise.engine.search.model import Answer, Example, SimilarRequest
from likewise.engine.search.service.asking import Question, answer, clean, get_corpus
from likewise.engine.search.service.errors import ExampleUnknown, ExampleWithoutVector, QuestionRefused
from likewise.engine.search.settings import SearchSettings
from likewise.platform.db import HalfVector
from likewise.platform.errors import FieldError
from likewise.platform.feature import App

__all__ = ["find_similar"]


class _Examples(msgspec.Struct, frozen=True):
    keys: list[str]
    texts: list[str]


async def find_similar(app: App, tenant_id: UUID, request: SimilarRequest, *, start: int = 0) -> Answer:
    """The items nearest to the examples, without the examples themselves, from the result at `start` on.

    Raises CollectionNotFound, ExampleUnknown, ExampleWithoutVector, QuestionRefused, FilterRefused.
    """
    started = time.perf_counter()
    settings = app.settings.get(SearchSettings)
    positive = _read_examples(
        [
            *([Example(key=request.key)] if request.key is not None else []),
            *([Example(text=request.text)] if request.text is not None else []),
            *request.positive,
        ],
        pointer="/positive",
    )
    negative = _read_examples(request.negative, pointer="/negative")
    if not positive.keys and not positive.texts:
        raise _refusal("/key", "give a key, a text, or positive examples")
    count = sum(len(side.keys) + len(side.texts) for side in (positive, negative))
    if count > settings.examples_max:
        raise _refusal("/positive", f"at most {settings.examples_max} examples")
    space = await serving_space(app, tenant_id)
    of_keys = await _vectors_of_keys(
        app, tenant_id, request.collection, keys=[*positive.keys, *negative.keys], space=space
    )
    of_texts: NDArray[np.float32] | None = None
    if positive.texts or negative.texts:
        of_texts = await embed_texts(app, tenant_id, texts=[*positive.texts, *negative.texts], space=space)
    rows = _rows(positive, of_keys, of_texts, start=0)
    away = _rows(negative, of_keys, of_texts, start=len(positive.texts))
    question = Question(
        text="",
        collection=request.collection,
        vector=HalfVector(logic.rocchio(rows, away)),
        space=space,
        arms=("vector",),
        filter=request.filter,
        k=request.k,
        start=start,
        explain=request.explain,
        left_out=frozenset(item_id for item_id, _ in of_keys.values()),
    )
    return await answer(app, tenant_id, question, started=started)


async def _vectors_of_keys(
    app: App, tenant_id: UUID, collection: str, *, keys: Sequence[str], space: Space
) -> dict[str, tuple[UUID, NDArray[np.float32]]]:
    """Each key's item and the mean of its passages' vectors."""
    if not keys:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        corpus = await get_corpus(tx, name=collection)
        items = {item.key: item.id for item in await store.list_item_keys(tx, collection_id=corpus.id, keys=keys)}
        for key in keys:
            if key not in items:
                raise ExampleUnknown(collection=collection, key=key, errors=[FieldError("/key", "no such item")])
        rows = await item_vectors(tx, item_ids=list(items.values()), space=space)
    vectors: defaultdict[UUID, list[NDArray[np.float32]]] = defaultdict(list)
    for row in rows:
        vectors[row.item_id].append(row.vector)
    for key, item_id in items.items():
        if item_id not in vectors:
            raise ExampleWithoutVector(key=key)
    return {key: (item_id, np.mean(vectors[item_id], axis=0)) for key, item_id in items.items()}


def _read_examples(examples: Sequence[str | Example], *, pointer: str) -> _Examples:
    keys: list[str] = []
    texts: list[str] = []
    for place, example in enumerate(examples):
        if isinstance(example, str):
            keys.append(example)
        elif example.key is not None and example.text is None:
            keys.append(example.key)
        elif example.text is not None and example.key is None and clean(example.text):
            texts.append(clean(example.text))
        else:
            raise _refusal(f"{pointer}/{place}", "an example has either a key or a text")
    return _Examples(list(dict.fromkeys(keys)), texts)


def _rows(
    side: _Examples,
    of_keys: dict[str, tuple[UUID, NDArray[np.float32]]],
    of_texts: NDArray[np.float32] | None,
    *,
    start: int,
) -> NDArray[np.float32]:
    """One row for each example of a side, (n, dimension); (0, 0) where it has none."""
    rows = [of_keys[key][1] for key in side.keys]
    if of_texts is not None:
        rows += list(of_texts[start : start + len(side.texts)])
    return np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)


def _refusal(pointer: str, reason: str) -> QuestionRefused:
    return QuestionRefused(reason=reason, errors=[FieldError(pointer, reason)])
