"""Alphabets of runes, and coloured pictures of them: what the capstone's readers learn to read.

The notebook has the same functions. An alphabet is drawn by a generator; which one grading draws
nobody knows beforehand.
"""

import torch

SIZE = 20  # pixels, in height and in width
POINTS = torch.cartesian_prod(torch.arange(3), torch.arange(3)).float() - 1  # (9, 2): y, x
LINES = torch.tensor([(a, b) for a in range(9) for b in range(a + 1, 9)
                      if (POINTS[a] - POINTS[b]).abs().max() == 1])  # between neighbours


def alphabet(generator):
    """Ten runes: (10, 4, 2, 2), four lines each, from (y, x) to (y, x), within -1 to 1."""
    chosen = []
    while len(chosen) < 10:
        rune = set(torch.randperm(len(LINES), generator=generator)[:4].tolist())
        if all(len(rune ^ other) >= 4 for other in chosen):
            chosen.append(rune)
    return torch.stack([POINTS[LINES[sorted(rune)]] for rune in chosen])


def pictures(runes, labels, generator):
    """A picture for each label: (N, 3, 20, 20), float32, from 0 to 1.

    Place, size, tilt, thickness and colours of a rune are drawn, and so are its background and two
    lines that belong to none.
    """
    count = len(labels)

    def drawn(low, high, *shape):
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    def far(distance):
        direction = drawn(-1, 1, 3, 1, 1)
        return distance * direction / direction.norm(dim=1, keepdim=True)

    def ink(lines, width):
        """(N, L, 2, 2) in pixels -> how far each pixel is covered, (N, 1, 20, 20)."""
        axis = torch.arange(SIZE) + 0.5
        y, x, dy, dx = (
            each[:, :, None, None] for each in (*lines[:, :, 0].unbind(-1),
                                                *(lines[:, :, 1] - lines[:, :, 0]).unbind(-1)))
        y, x = axis[:, None] - y, axis - x
        along = ((y * dy + x * dx) / (dy**2 + dx**2)).clamp(0, 1)
        distance = ((y - along * dy) ** 2 + (x - along * dx) ** 2).amin(1).sqrt()
        return (width / 2 + 0.5 - distance).clamp(0, 1)[:, None]

    tilt = drawn(-0.3, 0.3)
    turned = torch.stack([tilt.cos(), -tilt.sin(), tilt.sin(), tilt.cos()], 1).reshape(-1, 1, 2, 2)
    lines = runes[labels] * drawn(4, 6.5, 1, 1, 2) @ turned
    room = (SIZE / 2 - 0.5 - lines.abs().amax((1, 2))).clamp(min=0)
    lines = lines + (SIZE / 2 + room * drawn(-1, 1, 2))[:, None, None]
    width = drawn(1.2, 2.2, 1, 1)
    start = drawn(0, SIZE, 2, 1, 2)
    others = torch.cat([start, start + drawn(-6, 6, 2, 1, 2)], 2)
    slope, axis = drawn(-0.15, 0.15, 2, 3, 1, 1), torch.linspace(-1, 1, SIZE)
    paper = drawn(0.2, 0.8, 3, 1, 1) + slope[:, 0] * axis[:, None] + slope[:, 1] * axis
    picture = paper + ink(others, width) * far(0.35)
    picture = picture + ink(lines, width) * (paper + far(0.6) - picture)
    noise = torch.randn(picture.shape, generator=generator)
    return (picture + 0.07 * noise).clamp(0, 1)
