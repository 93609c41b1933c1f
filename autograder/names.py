"""Names from outside made safe: student ids and file names are chosen by strangers."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote

MAX_ID = 100  # characters
UNNAMED = "unnamed"  # where nothing of a name can be kept
_MAX_ID_BYTES = 200  # a file name ends at 255 bytes, and reports append to it
_PATH_CHARACTERS = frozenset('/\\:*?"<>|')
_ERASED = re.compile(r"erased-[0-9a-f]{8}")  # nobody who is there is called so
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # by Windows


def student_id(text: str) -> str:
    """``text`` as an id that can name a file anywhere: never empty, at most 100 characters, and
    not what an erased person is called."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    kept = "".join(character for character in spaced
                   if is_visible(character) and character not in _PATH_CHARACTERS)
    name = " ".join(unicodedata.normalize("NFC", kept).split()).lstrip(" .-")
    name = _shortened(name, MAX_ID)
    if _RESERVED.fullmatch(name) or _ERASED.fullmatch(name.casefold()):
        name = _shortened(f"_{name}", MAX_ID)
    return name or UNNAMED


def answers_by_word(answers: Iterable[Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """What each word means, in whatever letter case: for each language, answers and its words for
    them."""
    return {word.casefold(): answer for known in answers
            for answer, words in known.items() for word in words}


def shown(text: str, limit: int = 200) -> str:
    """``text`` on one line, without characters that hide or reorder others."""
    line = "".join(character if is_visible(character) else "\N{REPLACEMENT CHARACTER}"
                   for character in text[:limit + 1])
    return line if len(line) <= limit else line[:limit - 1] + "…"


def counted(many: object, one: str, more: str = "") -> str:
    """How many of something there are, in English: ``1 point``, ``2 points``."""
    return f"{many} {one if str(many) == '1' else more or f'{one}s'}"


def is_visible(character: str) -> bool:
    """Neither control, format (bidirectional, zero width), surrogate nor line separator; nor what
    Unicode leaves to others, or has not assigned: some of that is shown as nothing."""
    category = unicodedata.category(character)
    return not category.startswith("C") and category not in ("Zl", "Zp")


def saved_as(name: str) -> str:
    """The header (Content-Disposition) by which a browser saves what comes as a file of this name,
    in whatever letters it is (RFC 6266, 8187); older programs are told one in ASCII. Nothing in a
    name leads to another folder, or ends the header."""
    safe = student_id(name.replace("\\", "/").rpartition("/")[2])
    plain = "".join(character if character.isascii() and (
        character.isalnum() or character in "._- ()") else "_" for character in safe)
    own = "" if plain == safe else f"; filename*=UTF-8''{quote(safe, safe='')}"
    return f'attachment; filename="{plain}"{own}'


def _shortened(name: str, limit: int) -> str:
    encoded = name[:limit].encode("utf-8")[:_MAX_ID_BYTES - (MAX_ID - limit)]
    return encoded.decode("utf-8", "ignore").rstrip(" .")


def erased_alias() -> str:
    """What an erased person is called in statistics: nobody's name."""
    return f"erased-{secrets.token_hex(4)}"


def is_erased(name: str) -> bool:
    """Whether it is the name of nobody any more."""
    return _ERASED.fullmatch(name) is not None


@lru_cache(maxsize=1 << 14)
def canonical(name: str) -> str:
    """What the spellings have in common that people take for one name: letter case, Unicode's
    forms, stray spaces and what no id keeps count for nothing."""
    return unicodedata.normalize("NFKC", student_id(name)).casefold()
