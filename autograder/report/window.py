"""The window of a convolution, place by place: what it sees, times the kernel, is a sum.

All numbers are computed here, in double precision. The page's script moves the window, and computes
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib import resources
from itertools import product
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from autograder.report import words
from autograder.report.grids import LARGEST, Contrast, Grid, GridCell, grids
from autograder.report.notebook import style
from autograder.report.pages import render, said_in
from autograder.report.translations import ENGLISH, Language
from autograder.result import Array, Sentence, sentence

_MOST_PRODUCTS = 5_000  # of all places together: less than 200 kB of page
_SUMMANDS = 16  # of a sum that is written out; a longer one is that of its channels
_LINES = 20  # of places, in a terminal
_EPSILON = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
_EXACT = 2.0**-52

TwoNumbers = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A kernel on its way over an image. Notebooks show it as a page, terminals as lines.

    ``image`` (channels, height, width) has its padding; ``kernels`` are (maps, channels, height,
    width); ``sums`` and ``yours`` are (maps, height, width).
    """

    image: NDArray[np.float64]
    kernels: NDArray[np.float64]
    padding: TwoNumbers
    stride: TwoNumbers
    dilation: TwoNumbers
    yours: NDArray[np.float64] | None = None  # of any shape, if it is not that of the sums
    precision: float = _EXACT
    language: Language = ENGLISH

    @cached_property
    def size(self) -> TwoNumbers:
        """How many places the window has: down and across."""
        reach = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernels.shape[2:],
                                                 strict=True)]
        rows, columns = ((n - r) // s + 1 for n, r, s in zip(
            self.image.shape[1:], reach, self.stride, strict=True))
        return rows, columns

    @cached_property
    def products(self) -> NDArray[np.float64]:
        """(maps, rows, columns, channels, height, width): each pixel times its weight."""
        return np.stack([[[self._under(row, column) * kernel for column in range(self.size[1])]
                          for row in range(self.size[0])] for kernel in self.kernels])

    @cached_property
    def sums(self) -> NDArray[np.float64]:
        summed: NDArray[np.float64] = self.products.sum((3, 4, 5))
        return summed

    @cached_property
    def wrong(self) -> frozenset[int]:
        """The flat places where yours differs by more than rounding in its precision."""
        if self.yours is None or self.yours.shape != self.sums.shape:
            return frozenset()
        summands = self.products[0, 0, 0].size
        allowed = (summands + 1) * self.precision * np.abs(self.products).sum((3, 4, 5))
        with np.errstate(invalid="ignore"):  # infinity less infinity
            near = (np.abs(self.yours - self.sums) <= allowed) | (self.yours == self.sums) \
                | (np.isnan(self.yours) & np.isnan(self.sums))
        return frozenset(np.flatnonzero(~near).tolist())

    def __repr__(self) -> str:
        places = list(self._accounts())
        rest = len(places) - _LINES
        more = [self._say(sentence("and {count} more", count=rest))] if rest > 0 else []
        return "\n".join([self._setting, *places[:_LINES], *more, *filter(None, [self._unlike])])

    def _repr_html_(self) -> str:
        image = self._padded()
        both = [self.sums] if self.yours is None else [self.sums, self.yours]
        scale = max(float(np.nanmax(np.abs(values), initial=0)) for values in both)
        return render(
            "window.html.j2", language=self.language, style=style() + _STYLE, move=_SCRIPT,
            setting=self._setting, unlike=self._unlike, data=json.dumps(self._data()),
            image=image, kernels=_grids(self.kernels if len(self.kernels) > 1
                                                 else _flat(self.kernels[0])),
            products=[replace(_factors(under, kernel), caption=grid.caption)
                      for under, kernel, grid in zip(self._under(0, 0), self.kernels[0], image,
                                                     strict=True)],
            sums=_grids(_flat(self.sums), Contrast(scale=scale)),
            yours=None if self.yours is None else _grids(
                _flat(self.yours), Contrast(self.wrong, scale, 9 if self._look_alike else 5)),
            said=next(self._accounts()), _=partial(said_in, self.language))

    def _data(self) -> dict[str, Any]:
        return {
            "stride": self.stride, "dilation": self.dilation, "kernel": self.kernels.shape[2:],
            "size": self.size, "said": list(self._accounts()),
            "factors": [[[cell.text for grid in map(_factors, self._under(row, column), kernel)
                          for line in grid.rows for cell in line]
                         for row, column in self._places] for kernel in self.kernels],
        }

    @property
    def _places(self) -> Iterator[TwoNumbers]:
        rows, columns = self.size
        return product(range(rows), range(columns))

    def _under(self, row: int, column: int) -> NDArray[np.float64]:
        """The pixels (channels, height, width) that the window sees at a place."""
        (down, across), (dh, dw) = self.stride, self.dilation
        kh, kw = self.kernels.shape[2:]
        top, left = row * down, column * across
        return self.image[:, top:top + dh * kh:dh, left:left + dw * kw:dw]

    def _accounts(self) -> Iterator[str]:
        """Of each place: its sum, written out, and what yours is there."""
        several = len(self.kernels) > 1
        for flat, (index, summands) in enumerate(zip(
                np.ndindex(self.sums.shape), self.products.reshape(-1, *self.kernels.shape[1:]),
                strict=True)):
            if summands.size <= _SUMMANDS:
                terms = " + ".join(
                    f"{_factor(pixel)} × {_factor(weight)}" for pixel, weight in zip(
                        self._under(*index[1:]).flat, self.kernels[index[0]].flat, strict=True))
            else:
                terms = " + ".join(map(_factor, summands.sum((1, 2))))
            said = self._say(sentence("Output {index}: {terms} = {sum}.", terms=terms,
                             index=str(list(index if several else index[1:])),
                             sum=_number(self.sums.flat[flat])))
            if self.yours is not None and not self._unlike:
                value = _number(self.yours.flat[flat])
                said += " " + (self._say(sentence("Yours is {value}, which differs.", value=value))
                               if flat in self.wrong else
                               self._say(sentence("Yours is {value}, too.", value=value)))
            yield said

    @property
    def _unlike(self) -> str:
        """What is to be said where yours has another shape."""
        if self.yours is None or self.yours.shape == self.sums.shape:
            return ""
        return self._say(sentence("Yours has the shape {given}; these windows make {expected}.",
                         given=words.shape_text(self.yours.shape),
                         expected=words.shape_text(_flat(self.sums).shape)))

    @property
    def _look_alike(self) -> bool:
        """Whether something that differs would not show in five digits."""
        return self.yours is not None and any(
            _number(self.yours.flat[flat]) == _number(self.sums.flat[flat]) for flat in self.wrong)

    @property
    def _setting(self) -> str:
        return self._say(sentence("padding {padding}, stride {stride}, dilation {dilation}",
                         padding=_side(self.padding), stride=_side(self.stride),
                         dilation=_side(self.dilation)))

    def _padded(self) -> list[Grid]:
        """The image, whose padding looks like padding."""
        ph, pw = self.padding
        height, width = self.image.shape[1:]
        return [replace(grid, rows=[
            [cell if ph <= row < height - ph and pw <= column < width - pw
             else replace(cell, shade="pad") for column, cell in enumerate(line)]
            for row, line in enumerate(grid.rows)])
            for grid in _grids(_flat(self.image))]

    def _say(self, text: Sentence) -> str:
        return words.say(text, self.language)


def window(
    X: Any, K: Any, *, padding: int | TwoNumbers = 0, stride: int | TwoNumbers = 1,
    dilation: int | TwoNumbers = 1, yours: Any = None, language: Language = ENGLISH,
) -> Window:
    """See ``autograder.notebook.window``.

    Raises:
        ValueError: there is no such window, or too much to show.
    """
    image, kernels = _values(X, "X", (2, 3)), _values(K, "K", (2, 3, 4))
    image = image.reshape(-1, *image.shape[-2:])
    kernels = kernels.reshape(-1, *((1,) if kernels.ndim == 2 else ()), *kernels.shape[-3:])
    if kernels.shape[1] != len(image):
        raise ValueError(f"K has {kernels.shape[1]} channels and X has {len(image)}; both need "
                         "the same number")
    (ph, pw), steps, gaps = _pair(padding, 0), _pair(stride, 1), _pair(dilation, 1)
    image = np.pad(image, ((0, 0), (ph, ph), (pw, pw)))
    given = None if yours is None else _values(yours, "yours", None)
    shown = Window(image, kernels, (ph, pw), steps, gaps, None,
                   max(map(_epsilon, (X, K, yours))), language)
    if min(shown.size) < 1 or 0 in kernels.shape:
        raise ValueError(f"a window of {words.shape_text(kernels.shape[2:])} with dilation "
                         f"{_side(gaps)} has no place in {words.shape_text(image.shape[1:])} "
                         "pixels, padding included")
    sums = (len(kernels), *shown.size)
    if max(image.size, kernels.size, int(np.prod(sums))) > LARGEST \
            or int(np.prod((*sums, *kernels.shape[1:]))) > _MOST_PRODUCTS:
        raise ValueError(f"too much to look at: take an image, a kernel and an output of at most "
                         f"{LARGEST} numbers each, such as X[..., :12, :12]")
    if given is not None and given.size == np.prod(sums) \
            and given.shape[given.ndim - 2:] == shown.size:
        given = given.reshape(sums)
    return replace(shown, yours=given)


def _values(value: Any, name: str, axes: tuple[int, ...] | None) -> NDArray[np.float64]:
    """The numbers of a tensor, an array or lists of numbers, in double precision."""
    if hasattr(value, "detach"):  # torch knows dtypes that NumPy does not
        value = value.detach().double().cpu()
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is no tensor of numbers") from None
    if axes is not None and found.ndim not in axes:
        raise ValueError(f"{name} has {found.ndim} axes; give {name} with "
                         f"{' or '.join(map(str, axes))}, one image at a time")
    return found


def _pair(size: int | TwoNumbers, least: int) -> TwoNumbers:
    down, across = (size, size) if isinstance(size, int) else size
    if min(down, across) < least:
        raise ValueError(f"padding is at least 0, stride and dilation are at least 1, not {size}")
    return down, across


def _epsilon(value: Any) -> float:
    return _EPSILON.get(str(getattr(value, "dtype", "")).removeprefix("torch."), _EXACT)


def _flat(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without a first axis of one."""
    return values[0] if values.ndim > 2 and len(values) == 1 else values


def _grids(values: NDArray[np.float64], contrast: Contrast | None = None) -> list[Grid]:
    found = [float(value) if np.isfinite(value) else None for value in values.flat]
    return grids(Array(shape=list(values.shape), dtype="float64", values=found), contrast)


def _factors(pixels: NDArray[np.float64], weights: NDArray[np.float64]) -> Grid:
    """One channel at one place: each pixel times its weight."""
    return Grid([[GridCell(f"{_number(x)} × {_factor(k)} = {_number(x * k)}")
                  for x, k in zip(*lines, strict=True)]
                 for lines in zip(pixels, weights, strict=True)])


def _number(value: float) -> str:
    return f"{value + 0.0:.5g}".replace("-", "−")  # minus zero is a zero


def _factor(value: float) -> str:
    """A number as it stands behind a sign."""
    return f"({_number(value)})" if value < 0 else _number(value)


def _side(pair: TwoNumbers) -> str:
    return str(pair[0]) if pair[0] == pair[1] else words.shape_text(pair)


def _template(name: str) -> Markup:
    return Markup((resources.files(__package__) / "templates" / name).read_text(encoding="utf-8"))


_STYLE, _SCRIPT = _template("window.css"), _template("window.js")
