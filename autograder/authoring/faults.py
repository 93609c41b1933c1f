"""What any function can get wrong, whatever it computes: keep answers for later calls, write them
into a buffer that it has used before, change its arguments, read a tensor's memory as if it were
laid out plainly, go through single precision. Each fault makes a wrong function of a right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import torch

from autograder.protocol import can_change, kind_of, leaves, map_leaves

AnyFunction: TypeAlias = Callable[..., Any]
Fault: TypeAlias = Callable[[AnyFunction], AnyFunction]


def faults(places: Callable[[Callable[[Any], bool]], list[int]]) -> Iterator[tuple[str, Fault]]:
    """Every fault that a function can have, with the words for it.

    Args:
        places: says where, from 0, arguments of a kind come in the calls of the function.
    """
    if places(can_change):
        yield "keeps its answers by the shapes of its arguments", partial(_keeping, numbers=False)
        yield "keeps its answers by shapes and numbers", partial(_keeping, numbers=True)
    yield "writes every answer of one shape into one buffer", _one_buffer
    yield "computes in single precision", _single
    for place in places(is_tensor):
        yield f"changes its argument {place + 1}", changes_argument(place)
        yield f"ignores the strides of its argument {place + 1}", ignores_strides(place)
        yield (f"ignores where the memory of its argument {place + 1} begins",
               partial(_reading, place=place, read=_without_offset))
    for place in places(lambda value: kind_of(value) == "list"):
        yield (f"takes an element from its argument {place + 1}",
               partial(_changing, place=place, change=lambda given: given and given.pop(0)))
        yield (f"turns its argument {place + 1} around",
               partial(_changing, place=place, change=list.reverse))
    for place in places(lambda value: kind_of(value) == "dict"):
        yield f"empties its argument {place + 1}", partial(
            _changing, place=place, change=dict.clear)


def changes_argument(place: int) -> Fault:
    """Adds one to the tensor that comes there."""
    return partial(_changing, place=place, change=_add_one)


def ignores_strides(place: int) -> Fault:
    """Reads the tensor that comes there as if it were contiguous."""
    return partial(_reading, place=place, read=_without_strides)


def _keeping(right: AnyFunction, *, numbers: bool) -> AnyFunction:
    kept: dict[Any, Any] = {}

    def keeping(*arguments: Any) -> Any:
        key = tuple(_shape(value, numbers) for value in arguments)
        if key not in kept:
            kept[key] = right(*arguments)
        return kept[key]

    return keeping


def _shape(value: Any, numbers: bool) -> Any:
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), value.dtype, value.device
    match kind_of(value):
        case "list" | "dict":
            return len(value)
        case "tuple":
            return tuple(_shape(part, numbers) for part in value)
    return value if numbers and isinstance(value, int | float | str | None) else type(value)


def _one_buffer(right: AnyFunction) -> AnyFunction:
    buffers: dict[Any, Any] = {}

    def buffered(answer: Any, place: tuple[int, ...] = ()) -> Any:
        if isinstance(answer, torch.Tensor):
            key = place, tuple(answer.shape), answer.dtype, answer.device
            with torch.no_grad():
                memory = buffers.setdefault(key, torch.empty_like(answer))
            return memory.detach().copy_(answer)
        if kind_of(answer) == "list":
            memory = buffers.setdefault(place, [])
            memory[:] = answer
            return memory
        if kind_of(answer) == "tuple":
            return tuple(buffered(part, (*place, i)) for i, part in enumerate(answer))
        return answer

    return lambda *arguments: buffered(right(*arguments))


def _single(right: AnyFunction) -> AnyFunction:
    def narrow(leaf: Any) -> Any:
        is_wide = isinstance(leaf, torch.Tensor) and leaf.dtype in (torch.float64, torch.int64)
        return leaf.float() if is_wide else leaf

    def single(*arguments: Any) -> Any:
        dtypes = [leaf.dtype for leaf in leaves(arguments) if isinstance(leaf, torch.Tensor)]

        def widened(leaf: Any) -> Any:
            if isinstance(leaf, torch.Tensor) and leaf.dtype == torch.float32:
                return leaf.to(dtypes[0]) if dtypes else leaf
            return int(torch.tensor(float(leaf))) if type(leaf) is int else leaf

        return map_leaves(widened, right(*map_leaves(narrow, arguments)))

    return single


def _changing(right: AnyFunction, *, place: int, change: Callable[[Any], Any]) -> AnyFunction:
    def changing(*arguments: Any) -> Any:
        answer = map_leaves(
            lambda leaf: leaf.clone() if isinstance(leaf, torch.Tensor) else leaf,
            right(*arguments))
        if place < len(arguments) and arguments[place] is not None:
            change(arguments[place])
        return answer

    return changing


def _add_one(tensor: torch.Tensor) -> None:
    with torch.no_grad():
        tensor += 1


def _reading(right: AnyFunction, *, place: int, read: Callable[[Any], Any]) -> AnyFunction:
    def reading(*arguments: Any) -> Any:
        given = list(arguments)
        if place < len(given) and isinstance(given[place], torch.Tensor) and given[place].numel():
            given[place] = read(given[place])
        return right(*given)

    return reading


def _without_strides(tensor: torch.Tensor) -> torch.Tensor:
    plain = torch.empty(tensor.shape, device="meta").stride()
    return tensor.as_strided(tensor.shape, plain)


def _without_offset(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.as_strided(tensor.shape, tensor.stride(), 0)


def wrong(right: AnyFunction, fault: Fault) -> AnyFunction:
    """A function, or a class of modules, with this fault; of a class, each object has its own."""
    if not is_module(right):
        return fault(right)

    class Wrong(right):  # type: ignore[valid-type,misc]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.answers = fault(super().forward)

        def forward(self, *arguments: Any) -> Any:
            return self.answers(*arguments)

    Wrong.__name__ = right.__name__
    return Wrong


def is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)


def is_module(function: AnyFunction) -> bool:
    return isinstance(function, type) and issubclass(function, torch.nn.Module)
