"""Names in a zip archive, of which few say in what encoding they are.

macOS writes UTF-8, and does not set the flag that says so; Chinese Windows writes GBK. Of each name
alone that cannot be told, but of all of them together.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Sequence

_UTF8 = 0x800  # the flag of a member whose name is UTF-8


class MemberNames:
    """The members' paths, as far as they can be told.

    Attributes:
        guessed: names that were read as GBK, for all those without the flag can be.
        unsure: names that are neither, and may read wrong.
    """

    def __init__(self, members: Sequence[zipfile.ZipInfo]) -> None:
        unsaid = {member.filename for member in members
                  if not member.flag_bits & _UTF8 and not member.filename.isascii()}
        read = {name: _utf8(name) for name in unsaid}
        strange = sorted(name for name, text in read.items() if text is None)
        # One program wrote all of them: that a name of few letters is UTF-8, too, is chance.
        chinese = {name: _gbk(name) for name in unsaid} if strange else {}
        is_chinese = bool(chinese) and _are_usual(chinese.values())
        self._read = chinese if is_chinese else read
        self.guessed = tuple(sorted(filter(None, chinese.values()))) if is_chinese else ()
        self.unsure = () if is_chinese else tuple(strange)

    def of(self, member: zipfile.ZipInfo) -> str:
        """The member's path, with slashes."""
        name = self._read.get(member.filename) if not member.flag_bits & _UTF8 else None
        return (name or member.filename).replace("\\", "/")


def chinese(data: bytes) -> str | None:
    """The text in GBK, where all of it that is not ASCII is Chinese then, and mostly usual."""
    read = _gbk(data.decode("cp437"))
    return read if read is not None and _are_usual([read]) else None


def _utf8(name: str) -> str | None:
    return _decoded(name, "utf-8")


def _gbk(name: str) -> str | None:
    """The name in GBK, where that makes Chinese characters of all that is not ASCII."""
    read = _decoded(name, "gbk")
    return read if read is not None and all(
        character.isascii() or _is_chinese(character) for character in read) else None


def _decoded(name: str, encoding: str) -> str | None:
    try:
        return name.encode("cp437").decode(encoding)  # cp437: what zipfile takes it for
    except ValueError:
        return None


def _is_chinese(character: str) -> bool:
    """A character, or punctuation as it stands between them."""
    return "\u4e00" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" \
        or "\uff00" <= character <= "\uffef"


def _are_usual(names: Collection[str | None]) -> bool:
    """Whether all can be read, and most of it is GB 2312: European letters in pairs read as rare
    characters."""
    if None in names:
        return False
    characters = [character for name in names if name for character in name
                  if not character.isascii()]
    return sum(bool(character.encode("gb2312", "ignore")) for character in characters) \
        > len(characters) / 2
