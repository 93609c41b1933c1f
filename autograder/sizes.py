"""How long a text may be on its way from a notebook to the worker that runs it.

One number: the reader of notebooks refuses a longer cell, and the wire carries every cell that the
reader takes.
"""

MAX_TEXT = 200_000
"""Characters of one cell of code; and of any text that a function takes or answers."""
