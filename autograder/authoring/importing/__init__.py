"""Assignments of other programs, made ours: read as text and as syntax, and never run."""
