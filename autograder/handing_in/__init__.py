"""A student hands in from where they work: to a door, by a token.

Light to import: neither torch nor a judge, and of what is asked nothing but the standard library's
HTTP.
"""
