"""Brings the catalogues of translations up to date: the framework's, and each assignment's.

Run as ``python -P -m autograder.authoring.messages [grader.toml]``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.authoring import catalogues, editions
from autograder.authoring.build import given_notebook
from autograder.course import load
from autograder.errors import AutograderError
from autograder.report import translations


def main(path: Path) -> None:
    """Bring every catalogue of the course at ``path`` up to date, and print what each lacks."""
    course = load(path)
    for code in translations.FOREIGN:
        files = {translations.framework_file(code): catalogues.of_framework()} | {
            course.solutions(name) / "locale" / f"{code}.po": catalogues.of_assignment(course, name)
            for name in course.assignments} | {
            editions.catalogue(course, name, code): editions.messages(given_notebook(course, name))
            for name in course.assignments}
        for file, messages in files.items():
            missing = catalogues.update(file, messages, code)
            print(f"{file}: {len(messages)} sentences, {len(missing)} not translated")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "grader.toml"))
    except AutograderError as error:
        sys.exit(str(error))
