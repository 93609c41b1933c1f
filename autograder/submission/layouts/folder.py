"""A folder or zip that people made: ``ada.ipynb``, ``ada.zip`` and ``ada/`` are Ada's.

A file of another kind gives a row when people hand such files in (PDF, Word, text…), and none when
it is data, an image, Markdown, or called README, LICENSE or the like.
"""

from __future__ import annotations

from autograder.course import Assignment
from autograder.submission.kinds import holds_notebooks, is_attempt, kind, named_after, stem
from autograder.submission.layouts.interface import HandIn, Layout
from autograder.submission.tree import File, Tree


class Folder(Layout):
    name = "folder"
    about = "a file or a folder for each student"
    is_telling = False

    def strangers(self, tree: Tree, assignment: Assignment) -> list[str] | None:
        return []

    def hand_ins(self, tree: Tree, assignment: Assignment) -> list[HandIn]:
        # Beside notebooks, a folder of pictures or modules need not be a student's.
        mixed = holds_notebooks(tree.top_files)
        found = [HandIn(folder, below.files, folder) for folder, below in tree.apart().items()
                 if not mixed or any(_is_handed_in(file, assignment) for file in below.files)]
        found += [HandIn(stem(file.name), (file,), file.name)
                  for file in tree.top_files if _is_graded(file)]
        owners = {hand_in.owner for hand_in in found}
        others = {stem(file.name): file for file in tree.top_files
                  if is_attempt(file.name) and stem(file.name) not in owners}
        return found + [HandIn(owner, (file,), file.name) for owner, file in others.items()]


def _is_graded(file: File) -> bool:
    return file.refused is not None or kind(file.name) in ("notebook", "script", "archive")


def _is_handed_in(file: File, assignment: Assignment) -> bool:
    if kind(file.name) == "script":  # or a module of whose folder this is
        return named_after(stem(file.name), assignment)
    return file.refused is not None or is_attempt(file.name)
