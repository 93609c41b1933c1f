"""The languages of what students read, and where translations are found.

Sentences are written in English. ``locale/<language>/LC_MESSAGES/autograder.po`` beside this file
translates those of the framework, ``solutions/<assignment>/locale/<language>.po`` those of an
assignment. They are read as they are: nobody has to compile anything. So is what is obsolete in
them: results that were kept tell it in the words of their time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.course import Assignment, CourseError, LanguageCode

LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Language:
    """One language: how to say in it what is written in English."""

    code: LanguageCode
    name: str  # in the language itself
    translations: Mapping[str, str] = field(default_factory=dict)

    def find(self, source: str) -> str:
        """The translation of ``source``; ``source`` itself where there is none."""
        return self.translations.get(source, source)

    def has(self, source: str) -> bool:
        """Whether ``find`` answers in this language."""
        return self.code == ENGLISH.code or source in self.translations


ENGLISH = Language("en", "English")

_NAMES: dict[LanguageCode, str] = {"en": ENGLISH.name, "zh": "中文"}

FOREIGN = [code for code in _NAMES if code != ENGLISH.code]
"""The languages that need a catalogue."""


def language(code: LanguageCode, assignment: Assignment | None = None) -> Language:
    """A language with the sentences of the framework, and with those of ``assignment``.

    Raises:
        CourseError: a catalogue is broken.
    """
    if code == ENGLISH.code:
        return ENGLISH
    translations = dict(read(framework_file(code)))
    if assignment is not None and assignment.translations is not None:
        translations |= read(assignment.translations / f"{code}.po")
    return Language(code, _NAMES[code], translations)


def languages(assignment: Assignment, first: LanguageCode | None = None) -> list[Language]:
    """Every language; ``first`` is the first, or, None, the course's own."""
    codes = sorted(_NAMES, key=lambda code: code != (first or assignment.language))
    return [language(code, assignment) for code in codes]


def framework_file(code: LanguageCode) -> Path:
    return LOCALE / code / "LC_MESSAGES" / "autograder.po"


@cache
def read(file: Path) -> Mapping[str, str]:
    """English sentence -> translation, of those that have one; empty for a file that is missing.

    Raises:
        CourseError: the file is no catalogue.
    """
    # Only who reads a translation waits for it.
    from babel.messages.pofile import PoFileError, read_po

    try:
        with file.open(encoding="utf-8") as lines:
            found = read_po(lines, abort_invalid=True)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CourseError(file, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise CourseError(
            file, [f"not UTF-8 text at byte {error.start}; save it as UTF-8"]) from None
    except PoFileError as error:
        raise CourseError(
            file, [f"line {error.lineno + 1}: no line of a catalogue: {error.line}"]) from None
    return {message.id: message.string for message in (*found.obsolete.values(), *found)
            if isinstance(message.id, str) and isinstance(message.string, str)
            and message.id and message.string and not message.fuzzy}
