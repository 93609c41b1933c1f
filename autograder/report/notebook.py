"""What a student sees below a cell who checks it there: the page's own parts and look.

The answer stands in a page of somebody else's: each rule of the style is held to it. Dark or light
is what the notebook is, and where that does not say, what the reader's system is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from markupsafe import Markup

from autograder.course import Assignment
from autograder.gradebook import Grade
from autograder.report import words
from autograder.report.pages import render
from autograder.report.translations import Language
from autograder.result import Sentence, sentence

_ROOT = ".autograder"
# VS Code calls its light theme of high contrast a dark one, too, for old extensions' sake.
_LIGHT = ('body[data-jp-theme-light="true"]', "body.vscode-light",
          "body.vscode-high-contrast-light", "html[theme=light]")
_DARK = ('body[data-jp-theme-light="false"]', "body.vscode-dark",
         "body.vscode-high-contrast:not(.vscode-high-contrast-light)", "html[theme=dark]")
_COLOURS = re.compile(r":root \{\n(.*?)\}", re.DOTALL)
_OF_PAGES = re.compile(r"^(?:html|body|@page)[^{]*\{[^}]*\}\n", re.MULTILINE)


def answer(grade: Grade, assignment: Assignment, language: Language, printed: str = "") -> str:
    """HTML of visible checks, to be shown in a notebook.

    Args:
        printed: what the student's code wrote meanwhile.
    """
    titles = {(question.name, check.id): check.title
              for question in grade.result.questions for check in question.checks}
    return render("checked.html.j2", grade=grade, assignment=assignment, language=language,
                  titles=titles, printed=printed, style=style(),
                  _=lambda text, **values: words.say(sentence(text, **values), language))


def handed_in(lines: Sequence[Sentence], language: Language, page: str = "") -> str:
    """HTML of a hand-in, to be shown in a notebook.

    Args:
        lines: what is said of it.
        page: its result, a page that stands alone, from wherever it came; none before it is there.
    """
    return render("handed_in.html.j2", lines=lines, page=page, language=language, style=style(),
                  _=lambda text, **values: words.say(sentence(text, **values), language))


@cache
def style() -> Markup:
    """The pages' style, of what is in the answer and nothing around it."""
    text = (resources.files(__package__) / "templates" / "style.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    light, dark = (_COLOURS.findall(text)[:2])
    rest = text[text.index("* { box-sizing"):text.index("@media print")]
    own = (resources.files(__package__) / "templates" / "checked.css").read_text(encoding="utf-8")
    parts = [_block(_ROOT, light), f"@media (prefers-color-scheme: dark) {{\n"
             f"{_block(_ROOT, dark)}}}\n"]
    parts += [_block(f"{theme} {_ROOT}", f"{colours}color-scheme: {scheme};\n")
              for scheme, themes, colours in (("light", _LIGHT, light), ("dark", _DARK, dark))
              for theme in themes]
    return Markup("".join([*parts, _block(_ROOT, _OF_PAGES.sub("", rest)), own]))


def _block(selector: str, rules: str) -> str:
    return f"{selector} {{\n{rules}}}\n"
