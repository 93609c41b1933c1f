"""The student's own notebook: visible checks in its kernel, on the functions that live there."""
