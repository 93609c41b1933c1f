"""Names in a zip archive, of which few say in what encoding they are.

macOS writes UTF-8, and does not set the flag that says so; Chinese Windows writes GBK. Of each name
alone that cannot be told, but of all of them together.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

_UTF8 = 0x800  # the flag of a member whose name is UTF-8


class Names:
    """The members' paths, as far as they can be told.

    Attributes:
        guessed: names that were read as GBK, for all those without the flag can be.
        unsure: names that are neither, and may read wrong.
    """

    def __init__(self, members: Sequence[zipfile.ZipInfo]) -> None:
        other = [member.filename for member in members if _utf8(member) is None]
        chinese = {name: read for name in other if (read := _gbk(name)) is not None}
        self._chinese = chinese if len(chinese) == len(set(other)) and _is_usual(
            "".join(chinese.values())) else {}
        self.guessed = tuple(self._chinese.values())
        self.unsure = () if self._chinese else tuple(other)

    def of(self, member: zipfile.ZipInfo) -> str:
        """The member's path, with slashes."""
        name = _utf8(member) or self._chinese.get(member.filename, member.filename)
        return name.replace("\\", "/")


def _utf8(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")  # cp437: what zipfile takes it for
    except ValueError:
        return None


def _gbk(name: str) -> str | None:
    """The name in GBK, where that makes Chinese characters of all that is not ASCII."""
    try:
        read = name.encode("cp437").decode("gbk")
    except ValueError:
        return None
    return read if all(character.isascii() or _is_chinese(character) for character in read) \
        else None


def _is_chinese(character: str) -> bool:
    """A character, or punctuation as it stands between them."""
    return "\u4e00" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" \
        or "\uff00" <= character <= "\uffef"


def _is_usual(text: str) -> bool:
    """Whether most of it is GB 2312: European letters in pairs read as rare characters."""
    characters = [character for character in text if not character.isascii()]
    usual = sum(bool(character.encode("gb2312", "ignore")) for character in characters)
    return usual > len(characters) / 2
