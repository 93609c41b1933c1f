"""The door: HTTP, pages, log-in. Nothing of the course is decided here, and no notebook is read.

An endpoint says by the type of its first argument who may call it (``asking``), and a router takes
no endpoint that does not (``endpoint``). What it answers is a page, or JSON; a refusal is a
``TurnedAway``, with a sentence.
"""
