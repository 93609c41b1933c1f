"""What a network may consist of, operator by operator, and how many products each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor


def _overloads(text: str) -> frozenset[str]:
    """``name`` is its default overload; ``name_`` is meant by ``name~``, too."""
    found = set()
    for word in text.split():
        name, _, overload = word.partition(".")
        for each in (name[:-1], name[:-1] + "_") if name.endswith("~") else (name,):
            found.add(f"aten.{each}.{overload or 'default'}")
    return frozenset(found)


FREE = _overloads("""
    relu~ gelu silu~ elu~ leaky_relu~ sigmoid~ tanh~ hardtanh~ hardswish~ hardsigmoid~ softplus
    mish~ clamp~ clamp_min~ clamp_max~ threshold~ abs~ neg~ exp~ sqrt~ rsqrt~ reciprocal~ softshrink
    hardshrink log_sigmoid_forward pow~.Tensor_Scalar _softmax _log_softmax
    max_pool2d_with_indices avg_pool2d _adaptive_avg_pool2d adaptive_max_pool2d
    mean mean.dim sum sum.dim_IntList amax amin max.dim min.dim var.correction std.correction
    linalg_vector_norm
    view _unsafe_view reshape clone t transpose.int permute expand squeeze squeeze.dim squeeze.dims
    unsqueeze slice.Tensor select.int split.Tensor split_with_sizes unbind.int cat stack repeat flip
    roll alias detach constant_pad_nd reflection_pad2d replication_pad2d pixel_shuffle
    pixel_unshuffle channel_shuffle native_channel_shuffle upsample_nearest2d upsample_nearest2d.vec
    upsample_bilinear2d upsample_bilinear2d.vec _to_copy copy_ lift_fresh_copy lift_fresh
""")
"""Of one tensor, and without weights: activations, pooling, copies."""

MADE = _overloads("zeros ones full arange arange.start linspace empty.memory_format")
"""Of no tensor."""

EACH = _overloads("""
    add~.Tensor add~.Scalar sub~.Tensor sub~.Scalar rsub.Tensor rsub.Scalar mul~.Tensor mul~.Scalar
    div~.Tensor div~.Scalar maximum minimum addcmul~ addcdiv~ lerp.Scalar lerp.Tensor
    native_batch_norm _native_batch_norm_legit_no_training native_layer_norm native_group_norm
    _prelu_kernel
""")
"""What joins two tensors, or has a weight for each channel: one product for each number."""

UNWRITTEN = {"aten.empty.memory_format": "aten.zeros.default",
             "aten.empty_like.default": "aten.zeros_like.default"}
"""What answers memory as it was, and what answers for it here."""

RANDOM = _overloads("""
    native_dropout bernoulli bernoulli_.float bernoulli.p bernoulli_.Tensor rand rand_like randn
    randn_like randint.low randint normal_ uniform_ randperm
""")


def _of_convolution(answer: Tensor, X: Tensor, weight: Tensor, *bias: Tensor) -> int:
    return answer.numel() * weight[0].numel()


def _of_matrices(answer: Tensor, *tensors: Tensor) -> int:
    """Of the last two, of which the first one's rows are multiplied."""
    return answer.numel() * tensors[-2].shape[-1]


PRODUCTS: Mapping[str, Callable[..., int]] = {
    "aten.convolution.default": _of_convolution,
    **dict.fromkeys(_overloads("mm addmm bmm baddbmm mv addmv dot"), _of_matrices),
}
"""What multiplies and adds up, with the number of its products: of its first answer, and of the
tensors that it was given."""
