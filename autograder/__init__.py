"""An autograder whose hidden tests student code can neither read nor fool."""

__version__ = "0.1.0"
