"""The MiniLM encoder as an OpenVINO graph, built operation by operation from the weights.

A BERT encoder (Devlin et al., 2019): word, position and segment embeddings, six layers of self-attention and
feed-forward with normalisation after each, then the mean over real tokens and L2 normalisation (Reimers and
Gurevych, 2019). Mean and norm are inside the graph, so that only (texts, 384) floats leave it.

Attention is written out rather than as one fused operation: on short texts the fused one was measured 10 %
slower.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from openvino import Model, Node

__all__ = ["DIMENSION", "LAYERS", "Tensors", "build_encoder"]

DIMENSION = 384
LAYERS = 6
HEADS = 12
HEAD_SIZE = DIMENSION // HEADS
LAYER_NORM_EPSILON = 1e-12
NORM_EPSILON = 1e-12
MASKED_SCORE = -10_000.0
"""Added to the score of a padded position: softmax then gives it exactly 0, and bfloat16 can hold it."""

Tensors: TypeAlias = Mapping[str, NDArray[np.float32]]


class _Operations(Protocol):
    """The part of OpenVINO's operation set that the encoder needs, with the types its own stubs leave out."""

    def parameter(self, shape: Sequence[int], dtype: type[np.int32], name: str) -> "Node": ...
    def constant(self, value: NDArray[np.generic], *, shared_memory: bool = False) -> "Node": ...
    def convert(self, data: "Node", destination_type: str) -> "Node": ...
    def gather(self, data: "Node", indices: "Node", axis: "Node") -> "Node": ...
    def shape_of(self, data: "Node", output_type: str) -> "Node": ...
    def slice(self, data: "Node", start: "Node", stop: "Node", step: "Node", axes: "Node") -> "Node": ...
    def unsqueeze(self, data: "Node", axes: "Node") -> "Node": ...
    def reshape(self, node: "Node", output_shape: "Node", *, special_zero: bool) -> "Node": ...
    def transpose(self, data: "Node", input_order: "Node") -> "Node": ...
    def matmul(self, data_a: "Node", data_b: "Node", *, transpose_a: bool, transpose_b: bool) -> "Node": ...
    def add(self, left_node: "Node", right_node: "Node") -> "Node": ...
    def subtract(self, left_node: "Node", right_node: "Node") -> "Node": ...
    def multiply(self, left_node: "Node", right_node: "Node") -> "Node": ...
    def divide(self, left_node: "Node", right_node: "Node") -> "Node": ...
    def softmax(self, data: "Node", axis: int) -> "Node": ...
    def gelu(self, data: "Node", approximation_mode: str) -> "Node": ...
    def mvn(self, data: "Node", axes: "Node", *, normalize_variance: bool, eps: float, eps_mode: str) -> "Node": ...
    def reduce_sum(self, node: "Node", reduction_axes: "Node", *, keep_dims: bool) -> "Node": ...
    def normalize_l2(self, data: "Node", axes: "Node", eps: float, eps_mode: str) -> "Node": ...


class _MakeModel(Protocol):
    """OpenVINO's constructor of a graph, whose stub is of another class than it says."""

    def __call__(self, results: Sequence["Node"], parameters: Sequence["Node"], name: str) -> "Model": ...


def build_encoder(tensors: Tensors) -> "Model":
    """The encoder: ids and mask go in, both int32 (texts, tokens); float32 (texts, 384) of norm 1 comes out.

    Each row of the mask has at least one 1.

    The matrices are shared, not copied: the caller keeps `tensors` for as long as the model or what is
    compiled from it lives. Raises KeyError where a tensor is missing.
    """
    from openvino import Model, opset13

    builder = _Builder(cast("_Operations", opset13), tensors)
    ids = builder.op.parameter([-1, -1], np.int32, "ids")
    mask = builder.op.parameter([-1, -1], np.int32, "mask")
    weight = builder.op.convert(mask, "f32")
    states = builder.embed_tokens(ids)
    score_bias = builder.mask_bias(weight)
    for layer in range(LAYERS):
        states = builder.encode_layer(states, score_bias, prefix=f"encoder.layer.{layer}")
    make_model = cast("_MakeModel", Model)
    return make_model([builder.pool(states, weight)], [ids, mask], "minilm")


class _Builder:
    """The vocabulary in which the encoder is written down."""

    def __init__(self, operations: _Operations, tensors: Tensors) -> None:
        self.op = operations
        self._tensors = tensors
        self._heads_first = self._integers(0, 2, 1, 3)

    def embed_tokens(self, ids: "Node") -> "Node":
        """Word plus position plus segment; all tokens are in segment 0, whose row joins the positions."""
        op, tensors = self.op, self._tensors
        zero, one = self._integers(0), self._integers(1)
        words = op.gather(self._matrix("embeddings.word_embeddings.weight"), ids, self._scalar(0))
        segment = tensors["embeddings.token_type_embeddings.weight"][0]
        table = op.constant(tensors["embeddings.position_embeddings.weight"] + segment)
        length = op.gather(op.shape_of(ids, "i64"), one, self._scalar(0))
        positions = op.slice(table, zero, length, one, zero)
        return self._normalise(op.add(words, op.unsqueeze(positions, self._scalar(0))), "embeddings.LayerNorm")

    def mask_bias(self, weight: "Node") -> "Node":
        """(texts, 1, 1, tokens): 0 for a token, MASKED_SCORE for padding."""
        op = self.op
        absent = op.subtract(op.constant(np.array(1.0, np.float32)), op.unsqueeze(weight, self._integers(1, 2)))
        return op.multiply(absent, op.constant(np.array(MASKED_SCORE, np.float32)))

    def encode_layer(self, states: "Node", score_bias: "Node", *, prefix: str) -> "Node":
        """Self-attention and feed-forward, each added to its input and normalised."""
        op = self.op
        query, key, value = (
            self._split_heads(self._linear(states, f"{prefix}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        scale = op.constant(np.array(1.0 / np.sqrt(HEAD_SIZE), np.float32))
        scores = op.multiply(op.matmul(query, key, transpose_a=False, transpose_b=True), scale)
        weights = op.softmax(op.add(scores, score_bias), -1)
        mixed = op.matmul(weights, value, transpose_a=False, transpose_b=False)
        joined = op.reshape(op.transpose(mixed, self._heads_first), self._integers(0, 0, DIMENSION), special_zero=True)
        attended = op.add(self._linear(joined, f"{prefix}.attention.output.dense"), states)
        states = self._normalise(attended, f"{prefix}.attention.output.LayerNorm")
        inner = op.gelu(self._linear(states, f"{prefix}.intermediate.dense"), "erf")
        return self._normalise(
            op.add(self._linear(inner, f"{prefix}.output.dense"), states), f"{prefix}.output.LayerNorm"
        )

    def pool(self, states: "Node", weight: "Node") -> "Node":
        """The mean over real tokens, brought to norm 1."""
        op = self.op
        weighted = op.multiply(states, op.unsqueeze(weight, self._integers(2)))
        total = op.reduce_sum(weighted, self._integers(1), keep_dims=False)
        count = op.reduce_sum(weight, self._integers(1), keep_dims=True)
        return op.normalize_l2(op.divide(total, count), self._integers(1), NORM_EPSILON, "max")

    def _split_heads(self, states: "Node") -> "Node":
        shaped = self.op.reshape(states, self._integers(0, 0, HEADS, HEAD_SIZE), special_zero=True)
        return self.op.transpose(shaped, self._heads_first)

    def _linear(self, states: "Node", name: str) -> "Node":
        product = self.op.matmul(states, self._matrix(f"{name}.weight"), transpose_a=False, transpose_b=True)
        return self.op.add(product, self.op.constant(self._tensors[f"{name}.bias"]))

    def _normalise(self, states: "Node", name: str) -> "Node":
        op = self.op
        centred = op.mvn(
            states,
            self._integers(-1),
            normalize_variance=True,
            eps=LAYER_NORM_EPSILON,
            eps_mode="inside_sqrt",
        )
        scaled = op.multiply(centred, op.constant(self._tensors[f"{name}.weight"]))
        return op.add(scaled, op.constant(self._tensors[f"{name}.bias"]))

    def _matrix(self, name: str) -> "Node":
        return self.op.constant(self._tensors[name], shared_memory=True)

    def _integers(self, *values: int) -> "Node":
        return self.op.constant(np.array(values, np.int64))

    def _scalar(self, value: int) -> "Node":
        return self.op.constant(np.array(value, np.int64))
