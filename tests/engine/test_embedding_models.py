"""The local models: MiniLM against a reference written in numpy, the static table, hashing, the fake, the files."""

import asyncio
import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from math import erf
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load_file

from likewise.engine.embedding.models import (
    DownloadProgress,
    FakeModel,
    WeightsAltered,
    WeightsFiles,
    WeightsNotDownloaded,
    WeightsNotThere,
    choose_model,
    download_weights,
    files,
    find_weights,
)
from likewise.engine.embedding.models.batching import pad_group, plan_groups
from likewise.engine.embedding.models.checks import check_vectors
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.models.port import BadAnswer
from likewise.engine.embedding.models.static import HashingModel, StaticModel, _read_table
from likewise.engine.embedding.models.tokens import WordPieces
from likewise.engine.embedding.settings import EmbeddingSettings

Vectors = np.ndarray[Any, np.dtype[np.float32]]

TEXTS = [
    "Where is my card?",
    "I have been waiting over a week. Is the card still coming?",
    "",
    "Ein Satz auf Deutsch über Äpfel und Öl 🍎",
    "supercalifragilisticexpialidocious",
    "a light in the sky moved slowly, then vanished " * 60,
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def weights(home: Path) -> WeightsFiles:
    found = find_weights(EmbeddingSettings(), home=home)
    if found is None:
        pytest.skip("the default model's weights are not on this machine")
    return found


@pytest.fixture
async def minilm(weights: WeightsFiles) -> AsyncIterator[MiniLM]:
    model = MiniLM(weights, EmbeddingSettings())
    yield model
    await model.close()


def open_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


def open_no_client() -> httpx.AsyncClient:
    raise AssertionError("nothing may be requested here")


def reference(tensors: dict[str, Vectors], ids: list[int]) -> Vectors:
    """The encoder in float64, one text at a time, straight from the paper; shares no code with the model."""
    weight = {name: tensor.astype(np.float64) for name, tensor in tensors.items() if tensor.dtype == np.float32}

    def linear(x: Any, name: str) -> Any:
        return x @ weight[f"{name}.weight"].T + weight[f"{name}.bias"]

    def normalise(x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * weight[f"{name}.weight"] + weight[f"{name}.bias"]

    x = weight["embeddings.word_embeddings.weight"][ids] + weight["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalise(x + weight["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(6):
        at = f"encoder.layer.{layer}"
        query, key, value = (linear(x, f"{at}.attention.self.{part}") for part in ("query", "key", "value"))
        heads: list[Any] = []
        for head in range(12):
            part = slice(head * 32, head * 32 + 32)
            scores = np.exp(query[:, part] @ key[:, part].T / np.sqrt(32))
            heads.append(scores / scores.sum(-1, keepdims=True) @ value[:, part])
        mixed = linear(np.concatenate(heads, -1), f"{at}.attention.output.dense")
        x = normalise(x + mixed, f"{at}.attention.output.LayerNorm")
        inner = linear(x, f"{at}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        x = normalise(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    mean = x.mean(0)
    return (mean / np.linalg.norm(mean)).astype(np.float32)


def cosines(left: Vectors, right: Vectors) -> Vectors:
    return (left.astype(np.float64) * right).sum(1)


async def test_minilm_agrees_with_a_reference_forward_pass(minilm: MiniLM, weights: WeightsFiles) -> None:
    tensors = load_file(weights.weights)
    tokens = WordPieces(weights.tokenizer).encode(TEXTS, tokens_max=256)
    expected = np.array([reference(tensors, ids) for ids in tokens])
    vectors = await minilm.embed(TEXTS, purpose="passage")
    assert vectors.dtype == np.float32
    assert cosines(vectors, expected).min() >= 0.9999
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


async def test_minilm_in_float32_agrees_to_the_sixth_place(weights: WeightsFiles) -> None:
    model = MiniLM(weights, EmbeddingSettings(precision="f32"))
    try:
        tokens = WordPieces(weights.tokenizer).encode(TEXTS[:4], tokens_max=256)
        expected = np.array([reference(load_file(weights.weights), ids) for ids in tokens])
        vectors = await model.embed(TEXTS[:4], purpose="passage")
        np.testing.assert_allclose(vectors, expected, atol=2e-6)
    finally:
        await model.close()


async def test_query_lane_and_bulk_lane_give_the_same_vectors(minilm: MiniLM) -> None:
    queries = np.concatenate([await minilm.embed([text], purpose="query") for text in TEXTS])
    passages = await minilm.embed(TEXTS, purpose="passage")
    assert cosines(queries, passages).min() >= 0.9999


async def test_vectors_stay_with_their_texts_in_large_mixed_batches(weights: WeightsFiles) -> None:
    model = MiniLM(weights, EmbeddingSettings(local_batch_texts_max=64))
    try:
        texts = [f"number {n} " + "word " * (n * 7 % 40) for n in range(150)]
        alone = [await model.embed([text], purpose="passage") for text in texts[::29]]
        together = await model.embed(texts, purpose="passage")
        assert cosines(together[::29], np.concatenate(alone)).min() >= 0.9999
        calls = await asyncio.gather(*(model.embed(texts[n : n + 30], purpose="passage") for n in range(0, 150, 30)))
        assert cosines(np.concatenate(calls), together).min() >= 0.9999
    finally:
        await model.close()


async def test_meaning_beats_spelling(minilm: MiniLM) -> None:
    vectors = await minilm.embed(
        ["How do I get my money back?", "refund request", "How do I get my bike back?"], purpose="passage"
    )
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


async def test_query_is_answered_while_a_bulk_load_is_under_way(minilm: MiniLM) -> None:
    bulk = asyncio.ensure_future(minilm.embed(["a rather long passage " * 40] * 100, purpose="passage"))
    await asyncio.sleep(0)
    vector = await minilm.embed(["quick question"], purpose="query")
    assert not bulk.done()
    assert vector.shape == (1, 384)
    assert (await bulk).shape == (100, 384)


async def test_no_texts_give_no_vectors(minilm: MiniLM) -> None:
    assert (await minilm.embed([], purpose="query")).shape == (0, 384)
    assert (await minilm.embed([], purpose="passage")).shape == (0, 384)


async def test_tokens_are_counted_uncut_but_read_only_to_the_bound(weights: WeightsFiles) -> None:
    model = MiniLM(weights, EmbeddingSettings(tokens_max=16))
    try:
        long, longer = "word " * 14, "word " * 14 + "entirely different ending"
        assert model.count_tokens(["", "word", longer]) == [2, 3, 19]
        vectors = await model.embed([long, longer], purpose="passage")
        assert cosines(vectors[:1], vectors[1:]).min() >= 0.9999
    finally:
        await model.close()


def test_groups_hold_every_text_once_within_their_bound() -> None:
    lengths = [n * 37 % 256 + 1 for n in range(500)]
    groups = plan_groups(lengths, group_tokens_max=1024, streams=2)
    assert sorted(row for group in groups for row in group.rows) == list(range(500))
    for group in groups:
        assert group.length == max(lengths[row] for row in group.rows)
        assert len(group.rows) * group.length <= 1024
    assert plan_groups([3000, 5], group_tokens_max=1024, streams=2)[0].rows == (0,)
    assert plan_groups([], group_tokens_max=1024, streams=2) == []


def test_small_call_is_shared_by_all_streams() -> None:
    assert len(plan_groups([16] * 32, group_tokens_max=1024, streams=2)) == 2


def test_padding_is_masked() -> None:
    (group,) = plan_groups([3, 2], group_tokens_max=64, streams=1)
    ids, mask = pad_group([[7, 8, 9], [5, 6]], group)
    assert ids.tolist() == [[7, 8, 9], [5, 6, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]


@pytest.mark.slow
async def test_static_table_is_made_once_and_not_believed_when_damaged(weights: WeightsFiles, home: Path) -> None:
    del weights
    settings = EmbeddingSettings(model="static")
    first = await choose_model(settings, home=home, open_client=open_no_client)
    assert isinstance(first, StaticModel)
    vectors = await first.embed([*TEXTS, "where is the card"], purpose="passage")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[-1] > 0.6 > vectors[0] @ vectors[3]
    (table,) = (home / "models").glob("static-*.f16")
    made = table.stat().st_mtime_ns
    again = await choose_model(settings, home=home, open_client=open_no_client)
    np.testing.assert_array_equal(
        await again.embed(["card"], purpose="query"), await first.embed(["card"], purpose="query")
    )
    assert table.stat().st_mtime_ns == made
    good = table.read_bytes()
    table.write_bytes(b"\x00" + good[1:])
    assert _read_table(table, len(first._table)) is None
    table.write_bytes(good)
    assert _read_table(table, len(first._table)) is not None


async def test_hashing_finds_shared_spelling_and_never_gives_a_zero_vector() -> None:
    model = HashingModel(EmbeddingSettings())
    texts = ["lost my card", "my card is lost", "weather in Rome", "", " ", "!", "🍎", "a" * 100_000]
    vectors = await model.embed(texts, purpose="passage")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    np.testing.assert_array_equal(vectors, await model.embed(texts, purpose="query"))


async def test_fake_brings_texts_with_shared_words_together_and_counts_its_work() -> None:
    model = FakeModel()
    vectors = await model.embed(["red apple pie", "green apple pie", "blue whale", ""], purpose="passage")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.3 > abs(vectors[0] @ vectors[2])
    np.testing.assert_array_equal(
        vectors, await FakeModel().embed(["red apple pie", "green apple pie", "blue whale", ""], purpose="query")
    )
    assert (model.calls, model.texts_embedded) == (1, 4)


@pytest.mark.parametrize(
    ("vectors", "reason"),
    [
        (np.ones((1, 3)), "2 vectors"),
        (np.ones((2, 4)), "3 dimensions"),
        (np.array([[1, 1, 1], [1, np.nan, 1]]), "vector 1 has a component"),
        (np.array([[1, 1, 1], [0, 0, 0]]), "vector 1 is zero"),
    ],
)
def test_unusable_vectors_are_named(vectors: Vectors, reason: str) -> None:
    with pytest.raises(BadAnswer, match=reason):
        check_vectors(vectors.astype(np.float32), texts=2, dimension=3)


def test_weights_path_without_the_files_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotThere, match=r"model\.safetensors"):
        find_weights(EmbeddingSettings(weights_path=tmp_path), home=tmp_path)


def test_changed_weights_are_refused_even_when_they_were_good_before(weights: WeightsFiles, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(weights.tokenizer, folder)
    shutil.copy(weights.weights, folder)
    settings = EmbeddingSettings(weights_path=folder)
    found = find_weights(settings, home=tmp_path)
    assert found is not None
    assert found.origin == "the settings"
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(50_000_000)
        file.write(b"\x01\x02\x03\x04")
    with pytest.raises(WeightsAltered, match=files.WEIGHTS_SHA256):
        find_weights(settings, home=tmp_path)


def test_checked_files_are_not_read_again(weights: WeightsFiles, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_again(path: Path) -> str:
        raise AssertionError(f"{path} was hashed again")

    monkeypatch.setattr(files, "_hash_file", read_again)
    assert find_weights(EmbeddingSettings(), home=home) == weights


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A small model hub on a real socket, with two small files that stand for the model's; none is installed."""
    folder = tmp_path / "hub"
    folder.mkdir()
    expected: dict[str, str] = {}
    for name in ("model.safetensors", "tokenizer.json"):
        content = name.encode() * 100_000
        (folder / name).write_bytes(content)
        expected[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(files, "_SHA256", expected)
    monkeypatch.setattr(files, "WEIGHTS_SHA256", expected["model.safetensors"])
    monkeypatch.setattr(files, "TOKENIZER_SHA256", expected["tokenizer.json"])
    monkeypatch.setattr(files, "DISTRIBUTION", "likewise-no-such-distribution")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base names it so
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/{{file}}", folder
    server.shutdown()
    server.server_close()
    thread.join()


async def test_weights_are_downloaded_with_progress_checked_and_found_again(
    hub: tuple[str, Path], tmp_path: Path
) -> None:
    settings = EmbeddingSettings(hub_url=hub[0])
    assert find_weights(settings, home=tmp_path) is None
    heard: list[DownloadProgress] = []
    got = await download_weights(settings, home=tmp_path, open_client=open_client, report=heard.append)
    assert got.weights.read_bytes() == (hub[1] / "model.safetensors").read_bytes()
    assert heard[-1].bytes_done == heard[-1].bytes_total == got.weights.stat().st_size
    found = find_weights(settings, home=tmp_path)
    assert found is not None
    assert found.origin == "an earlier download"


async def test_wrong_download_is_refused_and_leaves_nothing(hub: tuple[str, Path], tmp_path: Path) -> None:
    (hub[1] / "model.safetensors").write_bytes(b"something else")
    settings = EmbeddingSettings(hub_url=hub[0])
    with pytest.raises(WeightsAltered):
        await download_weights(settings, home=tmp_path, open_client=open_client)
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tokenizer.json"]
    assert find_weights(settings, home=tmp_path) is None


async def test_missing_download_names_the_address_and_status(hub: tuple[str, Path], tmp_path: Path) -> None:
    (hub[1] / "tokenizer.json").unlink()
    with pytest.raises(WeightsNotDownloaded, match="status 404"):
        await download_weights(EmbeddingSettings(hub_url=hub[0]), home=tmp_path, open_client=open_client)


async def test_without_weights_the_product_still_works_and_says_so(
    hub: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (hub[1] / "tokenizer.json").unlink()
    model = await choose_model(EmbeddingSettings(hub_url=hub[0]), home=tmp_path, open_client=open_client)
    assert model.name == "hashing"
    said = capsys.readouterr()
    assert "embedding_quality_low" in said.out + said.err
    offline = await choose_model(EmbeddingSettings(download=False), home=tmp_path, open_client=open_no_client)
    assert offline.name == "hashing"


@pytest.mark.parametrize(("name", "expected"), [("minilm", "minilm"), ("openai", "openai"), ("fake", "fake")])
async def test_settings_choose_the_model(weights: WeightsFiles, home: Path, name: Any, expected: str) -> None:
    del weights
    model = await choose_model(EmbeddingSettings(model=name), home=home, open_client=open_no_client)
    assert (model.name, model.dimension) == (expected, 384)
    await model.close()


def test_importing_the_door_loads_no_runtime() -> None:
    program = (
        "import sys, likewise.engine.embedding.models; "
        "sys.exit(bool({'openvino', 'tokenizers', 'safetensors', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
