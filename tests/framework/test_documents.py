"""The documents say what there is, and nothing that is not there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import REPOSITORY
from pydantic import BaseModel

from autograder.cli import described, reference
from autograder.course import Course
from autograder.judge import collecting
from autograder.judge.items import MARKERS
from autograder.result import Status, SubmissionStatus, Visibility

DOCUMENTS = {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8")
             for path in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]}
VERBS = described.verbs()
FRAGMENTS = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """Document, and what stands in one of its blocks of this language."""
    for name, text in DOCUMENTS.items():
        yield from ((name, block) for language, block in FRAGMENTS.findall(text)
                    if language == kind)


# Others' packages that documents may tell people to install, each looked at.
THEIRS = {"otter-grader", "ipykernel", "nbconvert"}


def installed(text: str) -> Iterator[str]:
    """What lines like ``pip install 'a[b]' c`` in ``text`` install, files apart."""
    text = re.sub(r"\{[^{}]*\}", "", text)  # what a message has computed
    for command in re.findall(r"pip install ((?:[ ]?[\w'\"./\[\],@:<>=-]+)+)", text):
        for word in command.split():
            name = word.strip("'\"`.,:;")
            if re.match(r"[a-z][\w-]*(\[|$)", name, re.IGNORECASE):
                yield name


def test_nothing_of_a_strangers_is_installed_in_our_name() -> None:
    """What a document or a message tells people to install is ours, with an extra that there is, or
    one of the others' that are known here. ``autograder`` is a stranger's on the package index."""
    extras = {"", *tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
              ["optional-dependencies"]}
    ours = {f"nbjudge[{extra}]" if extra else "nbjudge" for extra in extras}
    texts = {**DOCUMENTS, **{path.relative_to(REPOSITORY).as_posix(): path.read_text("utf-8")
                             for folder in ("autograder", "docs/ci", "assignments")
                             for path in (REPOSITORY / folder).rglob("*")
                             if path.suffix in (".py", ".po", ".yml", ".html", ".ipynb", ".md")}}
    found = {(name, each) for name, text in texts.items() for each in installed(text)}
    assert {each for each in found if each[1] not in ours | THEIRS} == set()
    assert any(each in ours for _, each in found)
    assert list(installed("run pip install 'autograder[cluster]'.")) == ["autograder[cluster]"]


def prose(text: str) -> str:
    return FRAGMENTS.sub("", text)


# What is written by the code ---------------------------------------------------------------------


@pytest.mark.parametrize("place", reference.files())
def test_the_reference_is_what_the_code_says(place: str) -> None:
    """`make docs` writes it."""
    assert (REPOSITORY / place).read_text(encoding="utf-8") == reference.files()[place]


@pytest.mark.parametrize("model", [model for _, model in reference._TABLES],
                         ids=lambda model: model.__name__)
def test_every_key_of_grader_toml_says_what_it_means(model: type[BaseModel]) -> None:
    assert model.__doc__
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_every_option_says_what_it_does() -> None:
    silent = [f"{verb} {each.name}" for verb, command in VERBS.items() for each in command.params
              if not (each.help or "").strip()]
    assert silent == []


# Links -------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.*)$", prose(text), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        found.add(slug if slug not in found else f"{slug}-1")
    return found


def links() -> Iterator[tuple[str, str]]:
    for name, text in DOCUMENTS.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
            if not re.match(r"https?:|mailto:", target):
                yield name, target


@pytest.mark.parametrize(("document", "target"), list(links()))
def test_links_and_anchors_resolve(document: str, target: str) -> None:
    place, _, anchor = target.partition("#")
    file = (REPOSITORY / document).parent / place if place else REPOSITORY / document
    assert file.exists()
    if anchor:
        assert anchor in anchors(file.read_text(encoding="utf-8"))


def test_every_document_is_reached_from_the_readme() -> None:
    reached = {"README.md"}
    waiting = ["README.md"]
    while waiting:
        document = waiting.pop()
        for source, target in links():
            place = target.partition("#")[0]
            if source == document and place.endswith(".md"):
                found = os.path.normpath(Path(source).parent / place)
                waiting += [found] if found not in reached else []
                reached.add(found)
    assert set(DOCUMENTS) <= reached


def test_files_that_are_named_exist() -> None:
    named = {(document, path) for document, text in DOCUMENTS.items() if document != "CHANGELOG.md"
             for path in re.findall(r"`((?:autograder|tests|docs|examples)/[\w./-]+)`", text)}
    made = re.compile(r"blur|/v\d$")  # the example that authors are led through, and schemas
    assert [(document, path) for document, path in sorted(named)
            if not (REPOSITORY / path).exists() and not made.search(path)] == []


# Commands ----------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str]]:
    """Document, and a command of ours that a block of it shows."""
    for name, block in blocks("console"):
        for line in re.sub(r"\\\n *", "", block).splitlines():
            match = re.match(r"(?:\w+)?\$ (autograder .*)", line)
            if match:
                yield name, re.split(r"  +#| # ", match[1])[0].split("   ")[0].strip()


def split(words: list[str]) -> tuple[str, list[str]]:
    """A verb, or that of a group, and its arguments."""
    many = 2 if " ".join(words[:2]) in VERBS else 1
    return " ".join(words[:many]), words[many:]


@pytest.mark.parametrize(("document", "command"), sorted(set(commands())))
def test_commands_are_understood(document: str, command: str) -> None:
    """By the parser itself: verbs, options, and values that it knows."""
    verb, arguments = split(shlex.split(command)[1:])
    if verb in {"FORMAT", "--version", "--help"} or command.startswith("autograder export FORMAT"):
        return
    arguments = [each for each in arguments if each not in {"…", "..."}]
    context = VERBS[verb].make_context(verb, arguments)
    assert not context.args


def test_verbs_and_options_in_sentences_exist() -> None:
    wrong = []
    for document, text in DOCUMENTS.items():
        if document == "CHANGELOG.md":
            continue
        for said, rest in re.findall(r"`autograder ([a-z]\w*(?: [a-z]+)?)([^`]*)`", prose(text)):
            verb, _ = split(said.split())
            if any(each.startswith(f"{verb} ") for each in VERBS):
                continue  # the group itself
            known = [form for each in VERBS[verb].params for form in (
                *each.opts, *each.secondary_opts)] if verb in VERBS else None
            wrong += [f"{document}: {verb} {option}"
                      for option in re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest)
                      if known is not None and option not in {*known, "--help"}]
            wrong += [f"{document}: {verb}"] if known is None else []
    assert wrong == []


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = {name for text in DOCUMENTS.values()
             for name in re.findall(r"(?:`|\$ )make ([a-z-]+)", text)}
    assert named <= targets
    assert targets <= named


# Names -------------------------------------------------------------------------------------------


def keys(table: dict[str, typing.Any], model: type[BaseModel]) -> Iterator[str]:
    """Keys of a table of grader.toml that its model does not have."""
    for key, value in table.items():
        field = model.model_fields.get(key)
        if field is None:
            yield f"{model.__name__}.{key}"
            continue
        inner = [each for each in parts(field.annotation)
                 if isinstance(each, type) and issubclass(each, BaseModel)]
        tables = value if isinstance(value, list) else \
            list(value.values()) if isinstance(value, dict) and key in ("assignments", "rules") \
            else [value]
        for each in tables:
            if inner and isinstance(each, dict):
                yield from keys(each, inner[0])


def parts(annotation: typing.Any) -> Iterator[typing.Any]:
    yield annotation
    for each in typing.get_args(annotation):
        yield from parts(each)


@pytest.mark.parametrize(("document", "fragment"), [
    each for each in blocks("toml") if "[project" not in each[1]])
def test_keys_of_grader_toml_that_are_shown_exist(document: str, fragment: str) -> None:
    table = tomllib.loads(fragment)
    head = table.pop("course", {})
    assert list(keys({**head, **table}, Course)) == []


def fixtures_and_markers() -> list[str]:
    """Read from the code that offers them to suites."""
    tree = ast.parse(Path(collecting.__file__).read_text(encoding="utf-8"))
    fixtures = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
                and any("fixture" in ast.unparse(each) for each in node.decorator_list)]
    return [*fixtures, *(re.split(r"[(:]", marker)[0] for marker in MARKERS)]


@pytest.mark.parametrize("name", fixtures_and_markers())
def test_fixtures_and_markers_are_described(name: str) -> None:
    assert re.search(rf"[`.]{name}\b", DOCUMENTS["docs/authoring.md"])


def test_markers_that_are_shown_exist() -> None:
    shown = {name for text in DOCUMENTS.values()
             for name in re.findall(r"pytest\.mark\.(\w+)", text)}
    assert shown <= {*fixtures_and_markers(), "parametrize", "proof", "skip", "wcag"}


@pytest.mark.parametrize("status", [*Status, *SubmissionStatus, *Visibility])
def test_every_status_is_explained(status: str) -> None:
    said = DOCUMENTS["docs/instructors.md"] + DOCUMENTS["docs/formats.md"]
    assert re.search(rf"\b{status}\b", said)


def variables() -> set[str]:
    """Environment variables of ours that the code reads."""
    return {name for path in (REPOSITORY / "autograder").rglob("*.py")
            for name in re.findall(r"\bAUTOGRADER_[A-Z_]+", path.read_text(encoding="utf-8"))}


def test_environment_variables_are_described_and_exist() -> None:
    described = {name for text in DOCUMENTS.values()
                 for name in re.findall(r"\bAUTOGRADER_[A-Z_]+\b", text)}
    assert described == variables()


# In two languages --------------------------------------------------------------------------------


def skeleton(text: str) -> list[object]:
    """What a document has whatever its language: levels of headings, tables by their rows, code,
    pictures, where links within the documents lead."""
    found: list[object] = []
    for line in text.splitlines():
        if heading := re.match(r"#+ ", line):
            found.append(heading[0])
        elif re.match(r"\*\*[^*]+\*\*", line):
            found.append("lead")
        elif line.startswith("|"):
            found.append(("row", line.count(" |")))
        elif picture := re.match(r"!\[.*\]\((images/[\w-]+)", line):
            found.append(picture[1])
    code = [line for _, block in FRAGMENTS.findall(text) for line in block.splitlines()
            if re.match(r"[$%]|from|import|grader|assert", line)]
    return [*found, *(re.sub(r" --language zh| *#.*", "", line) for line in code)]


def test_what_students_read_is_the_same_in_both_languages() -> None:
    english, chinese = (DOCUMENTS[f"docs/students{code}.md"] for code in ("", ".zh"))
    assert skeleton(chinese) == skeleton(english)
    options = [set(re.findall(r"`(?:%\w+[^`]*|--[\w-]+|AUTOGRADER_\w+)`", text))
               for text in (english, chinese)]
    assert options[0] == options[1]
