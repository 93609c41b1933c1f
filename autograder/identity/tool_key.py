"""The key by which a learning platform knows the door: made at first use, and kept beside the
course's secret."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.whole_files import create_whole


class ToolKeyError(AutograderError):
    """The key cannot be made or read. The text says where, and what to do."""


def tool_key(course: Course) -> RSAKey:
    """The private key.

    Raises:
        ToolKeyError: it cannot be made, or read.
    """
    place = (course.store_file or course.root / "results" / "store").with_name("lti-key.pem")
    try:
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            create_whole(place, RSAKey.generate_key(2048).as_pem(private=True))
        return _checked(place.read_bytes())
    except OSError as error:
        raise ToolKeyError(f"{place}: the key for the learning platform cannot be made or read: "
                           f"{error.strerror}; make it a file that you can read, in a folder that "
                           "you may write to") from None
    except (JoseError, ValueError):
        raise ToolKeyError(f"{place}: not an RSA key in PEM; move it away, and another one is "
                           "made, which the platform takes within hours") from None


def public_keys(course: Course) -> dict[str, Any]:
    """What the platform needs of it, as a key set. Raises ToolKeyError."""
    key = tool_key(course)
    key.ensure_kid()
    return dict(KeySet([key]).as_dict(private=False))


@lru_cache(maxsize=1)
def _checked(pem: bytes) -> RSAKey:
    """To check it takes a tenth of a second, and anybody may ask the door for its public half."""
    return RSAKey.import_key(pem, {"use": "sig", "alg": "RS256"})
