"""What a network may consist of, operator by operator: what each takes, and what it must be given.

A new operator is one that keeps nothing between calls and draws nothing at random. If it adds up
what it is given it stands among those that take something for it: sums that are free, and free
exponents, would make a convolution of nothing. Where one of torch's kernels does not look at all
sizes that it is given, it is in ``SOUND``, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

GivenByName = Mapping[str, Any]
"""An operator's arguments by name, without those that are given by keyword only."""


def _overloads(text: str) -> frozenset[str]:
    """``name`` is its default overload; ``name_`` is meant by ``name~``, too."""
    found = set()
    for word in text.split():
        name, _, overload = word.partition(".")
        for each in (name[:-1], name[:-1] + "_") if name.endswith("~") else (name,):
            found.add(f"aten.{each}.{overload or 'default'}")
    return frozenset(found)


FREE = _overloads("""
    relu~ gelu silu~ elu~ celu~ leaky_relu~ sigmoid~ tanh~ hardtanh~ hardswish~ hardsigmoid~
    softplus mish~ clamp~ clamp_min~ clamp_max~ threshold~ abs~ neg~ exp~ log~ log1p~ sqrt~ rsqrt~
    reciprocal~ sin~ cos~ erf~ sign~ round~ softshrink hardshrink log_sigmoid_forward
    pow.Tensor_Scalar pow_.Scalar pow.Scalar gt.Scalar ge.Scalar lt.Scalar le.Scalar
    max_pool2d_with_indices adaptive_max_pool2d amax amin max.dim min.dim max min
    view _unsafe_view reshape clone t transpose.int permute expand squeeze squeeze.dim squeeze.dims
    unsqueeze slice.Tensor select.int split.Tensor split_with_sizes unbind.int cat stack repeat flip
    roll alias detach constant_pad_nd reflection_pad2d replication_pad2d pixel_shuffle
    pixel_unshuffle channel_shuffle native_channel_shuffle upsample_nearest2d im2col unfold
    _to_copy copy_ fill_.Tensor fill_.Scalar lift_fresh_copy lift_fresh
    zeros_like ones_like full_like new_zeros new_ones new_full
""")
"""Of one tensor, and without weights: activations, maxima, copies."""

MADE = _overloads("""
    zeros ones full eye arange arange.start linspace scalar_tensor empty.memory_format
""")
"""Of no tensor."""

_EACH = _overloads("""
    add~.Tensor add~.Scalar sub~.Tensor sub~.Scalar rsub.Tensor rsub.Scalar mul~.Tensor mul~.Scalar
    div~.Tensor div~.Scalar maximum minimum addcmul~ addcdiv~ lerp.Scalar lerp.Tensor
    gt.Tensor ge.Tensor lt.Tensor le.Tensor where.self masked_fill~.Scalar glu
    native_batch_norm _native_batch_norm_legit_no_training native_layer_norm native_group_norm
    _prelu_kernel upsample_bilinear2d
""")
"""What joins two tensors, or has a weight for each channel: one product for each number."""

_SUMS = _overloads("""
    mean mean.dim sum sum.dim_IntList var.correction std.correction var_mean.correction
    std_mean.correction linalg_vector_norm logsumexp prod.dim_int _softmax _log_softmax
""")
"""What adds up numbers of one tensor: one product for each of them."""

UNWRITTEN = {"aten.empty.memory_format": "aten.zeros.default",
             "aten.empty_like.default": "aten.zeros_like.default",
             "aten.new_empty.default": "aten.new_zeros.default"}
"""What answers memory as it was, and what answers for it here."""

RANDOM = _overloads("""
    native_dropout bernoulli bernoulli_.float bernoulli.p bernoulli_.Tensor rand rand_like randn
    randn_like randint.low randint normal_ uniform_ randperm
""")


def _each(answer: Tensor, given: GivenByName) -> int:
    return answer.numel()


def _summed(answer: Tensor, given: GivenByName) -> int:
    return int(given["self"].numel())


def _of_convolution(answer: Tensor, given: GivenByName) -> int:
    """A transposed one multiplies each number that it is given by all weights of its channel."""
    each = given["input"] if given["transposed"] else answer
    return int(each.numel() * math.prod(given["weight"].shape[1:]))


def _of_matrices(answer: Tensor, given: GivenByName) -> int:
    """Of the last two, of which the first one's rows are multiplied."""
    tensors = [each for each in given.values() if isinstance(each, Tensor)]
    return int(answer.numel() * tensors[-2].shape[-1])


def _in_windows(answer: Tensor, given: GivenByName) -> int:
    """Numbers in all windows of a pooling."""
    kernel = given["kernel_size"]
    return int(answer.numel() * kernel[0] * kernel[-1])


def _in_fitted_windows(answer: Tensor, given: GivenByName) -> int:
    """Numbers in all windows of a pooling whose answer has a size that is asked for."""
    X: Tensor = given["self"]
    return math.prod(answer.shape[:-2]) * math.prod(
        sum(-(-(place + 1) * side // count) - place * side // count for place in range(count))
        for side, count in zip(X.shape[-2:], answer.shape[-2:], strict=True))


PRODUCTS: Mapping[str, Callable[[Tensor, GivenByName], int]] = {
    "aten.convolution.default": _of_convolution,
    **dict.fromkeys(_overloads("mm addmm bmm baddbmm mv addmv dot vdot"), _of_matrices),
    **dict.fromkeys(_EACH, _each),
    **dict.fromkeys(_SUMS, _summed),
    "aten.avg_pool2d.default": _in_windows,
    "aten._adaptive_avg_pool2d.default": _in_fitted_windows,
}
"""What is not free, with the number of its products: of its first answer and what it was given."""

LOOKED_AT: Mapping[str, Callable[[Tensor, GivenByName], int]] = {
    "aten.max_pool2d_with_indices.default": _in_windows,
    "aten.adaptive_max_pool2d.default": _in_fitted_windows,
}
"""What is free and takes longer than to write its answer, with the numbers that it looks at."""


def _has_norms_of_its_channels(given: GivenByName, answers: int) -> bool:
    wanted = (given["input"].shape[1],)
    kept = [given["running_mean"], given["running_var"]]
    is_whole = given.get("training", False) or all(each is not None for each in kept)
    return is_whole and all(each is None or each.shape == wanted
                            for each in [given["weight"], given["bias"], *kept])


def _has_scales_of_its_sizes(given: GivenByName, answers: int) -> bool:
    X = given["self" if "self" in given else "input"]
    scales = given.get("scales_h"), given.get("scales_w")
    return all(scale is None or math.floor(side * scale) == size for side, scale, size
               in zip(X.shape[-2:], scales, given["output_size"], strict=True))


def _has_parts(given: GivenByName, answers: int) -> bool:
    """As many as are said: each becomes a tensor."""
    side = given["self"].shape[given.get("dim", 0)]
    return bool(-(-side // max(given.get("split_size", 1), 1)) <= answers)


SOUND: Mapping[str, Callable[[GivenByName, int], bool]] = {
    **dict.fromkeys(_overloads("native_batch_norm _native_batch_norm_legit_no_training"),
                    _has_norms_of_its_channels),
    **dict.fromkeys(_overloads("upsample_nearest2d upsample_bilinear2d"),
                    _has_scales_of_its_sizes),
    **dict.fromkeys(_overloads("unbind.int split.Tensor"), _has_parts),
}
"""What torch does not look at by itself: whether an operator may be called with what it is given,
and with so many answers said."""
