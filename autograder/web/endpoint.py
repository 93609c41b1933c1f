"""A router that takes no endpoint which does not say who may call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from fastapi import APIRouter

from autograder.web import asking


class Unguarded(TypeError):
    """An endpoint does not say by its first argument who may call it."""


class Endpoints(APIRouter):
    """The endpoints of one subject."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        changes = not {*(options.get("methods") or ["GET"])} <= {"GET", "HEAD"}
        hints = get_type_hints(endpoint, include_extras=True)
        first = next(iter(hints.values()), None)
        if first not in (asking.CHANGING if changes else asking.READING):
            raise Unguarded(f"{endpoint.__name__}: its first argument has to be one of "
                            f"autograder.web.asking's, for {'changes' if changes else 'reading'}")
        super().add_api_route(path, endpoint, **options)
