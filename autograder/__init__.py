"""An autograder whose hidden tests student code can neither read nor fool."""

__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """What ``%load_ext autograder`` calls: `%check` is there from now on."""
    from autograder.jupyter.magics import load

    load(shell)
