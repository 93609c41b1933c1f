"""People are taken over from other programs' lists: nobody is lost, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import load as load_course
from autograder.course import roster
from autograder.course.roster import Person, Roster, RosterError, written
from autograder.exchange import ExchangeError
from autograder.exchange.rosters import Merged, merge, read

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab (12)
    Points Possible,,,,,10
"Lovelace, Ada",20001,s1,ada@uni.edu,A,
"Boole, George",20002,s2,gboole,B,
"Student, Test",20009,,f00,A,
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade
Participant 501,Ada Lovelace,ada@uni.edu,Submitted,
Participant 502,Kurt Gödel,kurt@uni.edu,Submitted,
"""
PARTICIPANTS = """\
First name;Surname;ID number;Email address;Groups
Ada;Lovelace;;ada@uni.edu;red
Kurt;Gödel;4711;kurt@uni.edu;
"""
CLASSROOM = """\
"identifier","github_username","github_id","name"
"ada@uni.edu","adal","99","Ada"
"gboole","boolean","",""
"""


def imported(folder: Path, text: str | bytes, known: Roster | None = None, *,
             kind: str | None = None, id_column: str | None = None,
             remove_missing: bool = False) -> Merged:
    file = folder / "list.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return merge(known or Roster(), read(file, kind).entries, id_column=id_column,
                 remove_missing=remove_missing)


def kept(folder: Path, text: str) -> Roster:
    """The people of a course whose own table says this."""
    (folder / "grader.toml").write_text(
        '[course]\nname = "C"\n[assignments.lab]\ntitle = "Lab"\n'
        'questions = [{ name = "f", title = "F", points = 1 }]\n')
    (folder / "people.csv").write_bytes(text.encode())
    return roster.load(load_course(folder / "grader.toml"))


def of(people: Sequence[Person]) -> Roster:
    return Roster({person.id: person for person in people})


# Formats ---------------------------------------------------------------------------------------


def test_canvas_gradebook(tmp_path: Path) -> None:
    people = imported(tmp_path, CANVAS).people
    assert people == (
        Person("ada", "Ada Lovelace", section="A",
               ids={"canvas": "20001", "sis_id": "s1", "login": "ada@uni.edu"}),
        Person("gboole", "George Boole", section="B",
               ids={"canvas": "20002", "sis_id": "s2", "login": "gboole"}))


@pytest.mark.parametrize(("sorted_", "said"), [
    ("王, 浩", "王浩"), ("欧阳, 修文", "欧阳修文"), ("Wang, 浩", "浩 Wang"), ("王浩", "王浩"),
    ("Lovelace, Ada", "Ada Lovelace")])
def test_names_are_said_in_their_own_order(sorted_: str, said: str, tmp_path: Path) -> None:
    [person] = imported(tmp_path, f'Student,ID,Section\n"{sorted_}",7,A\n').people
    assert person.name == said
    last, _, first = sorted_.partition(", ")
    if first:
        [person] = imported(
            tmp_path, "First name,Last name,Email address\n" + f"{first},{last},a@b.edu\n").people
        assert person.name == said


def test_several_sections_of_one_person_are_taken_apart(tmp_path: Path) -> None:
    """"A and B" was a section of its own, whose people were in neither A nor B."""
    file = tmp_path / "list.csv"
    rows = ["A", "B", "A and B", "A, B, and Tue and Thu", "Tue and Thu", "A and more"]
    file.write_text("Student,ID,Section\n" + "".join(
        f'"{number}",{number},"{section}"\n' for number, section in enumerate(rows, 1)))
    listed = read(file)
    assert [entry.section for entry in listed.entries] == [
        "A", "B", "A; B", "A; B; Tue and Thu", "Tue and Thu", "A and more"]
    assert f"{file}: 'A and B' is taken for A; B" in listed.said
    assert read(file, sections=["more"]).entries[-1].section == "A; more"
    again = of(merge(Roster(), listed.entries).people)
    assert again.sections == ["A", "A and more", "B", "Tue and Thu"]
    assert set(again.of_section("A").people) == {"1", "3", "4"}


def test_moodle_lists(tmp_path: Path) -> None:
    assert imported(tmp_path, WORKSHEET).people == (
        Person("ada", "Ada Lovelace", "ada@uni.edu", ids={"moodle": "501"}),
        Person("kurt", "Kurt Gödel", "kurt@uni.edu", ids={"moodle": "502"}))
    assert imported(tmp_path, PARTICIPANTS).people == (
        Person("ada", "Ada Lovelace", "ada@uni.edu", section="red"),
        Person("4711", "Kurt Gödel", "kurt@uni.edu", ids={"id_number": "4711"}))


def test_classroom_roster(tmp_path: Path) -> None:
    assert imported(tmp_path, CLASSROOM).people == (
        Person("ada", "Ada", "ada@uni.edu", ids={"github": "adal"}),
        Person("gboole", ids={"roster": "gboole", "github": "boolean"}))


def test_plain_table_gives_what_it_has_and_says_what_is_left(tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("id,team,role,github,shoe size\nann,x,,aa,40\ntut,,Staff,,\n")
    listed = read(file)
    assert merge(Roster(), listed.entries).people == (
        Person("ann", team="x", ids={"github": "aa"}), Person("tut", role="staff"))
    assert "shoe size" in listed.said[-1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", ",;\t")
def test_spreadsheets_save_in_their_own_ways(
        encoding: str, separator: str, tmp_path: Path) -> None:
    text = f"id{separator}name\r\nkurt{separator}Kurt Gödel\r\n\r\n"
    assert imported(tmp_path, text.encode(encoding)).people == (Person("kurt", "Kurt Gödel"),)


@pytest.mark.parametrize("text", [
    "sep=;\r\nid;name\r\nkurt;Gödel, Kurt\r\n", '"sep=,"\nid,name\nkurt,"Gödel, Kurt"\n',
    "SEP=\t,,\nid\tname\nkurt\tGödel, Kurt\n", '\n\r\nid;name\nkurt;"Gödel, Kurt"\n'])
def test_what_excel_is_told_above_the_titles_is_understood(text: str, tmp_path: Path) -> None:
    assert imported(tmp_path, text).people == (Person("kurt", "Gödel, Kurt"),)
    assert kept(tmp_path, text).people == {"kurt": Person("kurt", "Gödel, Kurt")}


def test_a_line_is_counted_with_those_above_the_titles(tmp_path: Path) -> None:
    for above in ("sep=,\n\n", "\n\n"):
        with pytest.raises(ExchangeError, match="lines 4 and 5 both"):
            imported(tmp_path, f"{above}id,name\nann,A\nAnn,B\n")


def test_two_columns_of_one_name_are_refused_where_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"list\.csv: two columns are called 'id'; call"):
        imported(tmp_path, "id,name,ID \nada,Ada,bob\n")
    with pytest.raises(RosterError, match=r"people\.csv: two columns are called 'id'; call"):
        kept(tmp_path, "id,name,ID \nada,Ada,bob\n")
    twice = "Student,ID,Section,Labs,Labs\n\"Lovelace, Ada\",20001,A,1,2\n"
    assert len(imported(tmp_path, twice).people) == 1


@pytest.mark.parametrize("id", ["1.23457E+11", "1,23457E+11", "2E+09", "12345.0", "12345,00"])
@pytest.mark.parametrize("titles", ["id,name", "login,id", "id,sis_id", "id,email"])
def test_ids_that_a_spreadsheet_made_numbers_of_are_refused(
    id: str, titles: str, tmp_path: Path
) -> None:
    text = f'{titles}\nann,x\n' + (f'"{id}",bob\n' if titles == "id,name" else f'bob,"{id}"\n')
    with pytest.raises(ExchangeError, match=r"line 3: .* is what a spreadsheet makes of an id"):
        imported(tmp_path, text)
    with pytest.raises(RosterError, match=r"line 3: .* is what a spreadsheet makes of an id"):
        kept(tmp_path, text.replace("login,id", "id,login"))


def test_what_only_looks_like_one_is_an_id(tmp_path: Path) -> None:
    for id in ("1e5", "12E5", "v1.0", "1.5", "007", "1E+5x"):
        assert imported(tmp_path, f"id\n{id}\n").people == (Person(id),)


def test_zeros_that_a_spreadsheet_took_away_are_kept_and_said(tmp_path: Path) -> None:
    known = of([Person("ada", ids={"sis_id": "00123"}), Person("bob", ids={"sis_id": "7"}),
                Person("cyd", ids={"sis_id": "0456"})])
    merged = imported(tmp_path, "id,sis_id\nada,123\nbob,007\ncyd,457\n", known)
    assert [person.ids["sis_id"] for person in merged.people] == ["00123", "007", "457"]
    assert merged.notes == (
        "ada: has the sis_id '00123', and '123' in the list, from which a spreadsheet may have "
        "taken zeros; it stays as it was",)


def test_chinese_windows_is_read_and_said(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes("id,name\nli,李小明\n".encode("gbk"))
    listed = read(file)
    assert listed.entries[0].name == "李小明"
    assert "GBK" in listed.said[-1]
    file.write_bytes("id,name\nkurt,Kurt Gödel\n".encode("latin-1"))
    with pytest.raises(ExchangeError, match="CSV in UTF-8"):
        read(file)


def test_titles_tell_or_are_told(tmp_path: Path) -> None:
    text = "Student,ID,Section\nx,ann,A\n"
    assert imported(tmp_path, text).people[0].ids == {"canvas": "ann"}
    assert imported(tmp_path, text, kind="plain").people == (Person("ann", section="A"),)
    with pytest.raises(ExchangeError, match="Email address"):
        imported(tmp_path, text, kind="moodle")
    with pytest.raises(ExchangeError, match="does not name the columns"):
        imported(tmp_path, "a,b\n1,2\n")


@pytest.mark.parametrize(("text", "line"), [
    ('id,name,email\nann,Ann,\nemil,"Emil Lovelace,emil@uni.edu\nzoe,Zoe,\n', 3),
    ('id,name,email\nemil,"Emil Lovelace,emil@uni.edu\nzoe,"Zoe, Z",\n', 2),
    ('id,name,email\nemil,"Emil Lovelace,emil@uni.edu\nzoe,Zoe",\n', 2),
    ('id,name,email\nann,"Ann\nLee"\n\nemil,Emil,"emil@uni.edu\n', 5),
    ('id,name,email\nann,"Ann\nLee","ann@uni.edu\nzoe,Zoe,\n', 3),
    ('id,name,email\nann,"Ann" Lee,\n', 2),
    ('id,name,email\nann,Lee" Ann,\n', 2),
    ('id,name,email\n"an\nn",Ann,\n', 2),
    ('id,name,section\nann,Ann,"A\r\nB"\n', 2),
    ('id,name,"team\nann,Ann,red\n', 1),
    ('id,name,email\nann;Ann;ann@uni.edu\n', 2),
    ('id;name;email\nann;Ann;\nbob,Bob,\n', 3),
])
def test_a_slip_that_would_make_one_line_of_several_is_refused(
    text: str, line: int, tmp_path: Path
) -> None:
    """By a list that is imported, and by the course's own table."""
    with pytest.raises(ExchangeError, match=rf"list\.csv: line {line}: .*; (begin|write)"):
        imported(tmp_path, text)
    with pytest.raises(RosterError, match=rf"people\.csv: line {line}: .*; (begin|write)"):
        kept(tmp_path, text)


def test_quotation_marks_that_belong_together_are_read(tmp_path: Path) -> None:
    text = ('id, "name", email\nemil, "Lovelace, Emil", e@uni.edu\n'
            'ann,"Ann ""A"" Lee",\nzoe,Zoe "Z" Li,\n')
    assert [each.name for each in imported(tmp_path, text).people] == [
        "Lovelace, Emil", 'Ann "A" Lee', 'Zoe "Z" Li']
    comments = 'id,name,comment\nann,Ann,"well\ndone"\nbob,Bob,\n'  # nothing is taken from it
    assert [each.id for each in imported(tmp_path, comments).people] == ["ann", "bob"]
    with pytest.raises(ExchangeError, match="line 2: the cell 'comment' goes on"):
        imported(tmp_path, comments, id_column="comment")


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\x0b"])
def test_what_only_unicode_calls_a_lines_end_refuses_no_list(end: str, tmp_path: Path) -> None:
    text = f"id,name\nann,Ann{end}Lee\nbob,Bob\n"
    assert [each.id for each in imported(tmp_path, text).people] == ["ann", "bob"]
    kept(tmp_path, text)


# Merging ---------------------------------------------------------------------------------------


def test_lists_of_one_class_become_one_table(tmp_path: Path) -> None:
    people = Roster()
    for text in (CANVAS, WORKSHEET, CLASSROOM):
        people = of(imported(tmp_path, text, people).people)
    assert people.people["ada"] == Person(
        "ada", "Ada", "ada@uni.edu", section="A",
        ids={"canvas": "20001", "sis_id": "s1", "login": "ada@uni.edu", "moodle": "501",
             "github": "adal"})
    assert list(people.people) == ["ada", "gboole", "kurt"]


def test_what_was_typed_by_hand_stays_where_the_list_says_nothing(tmp_path: Path) -> None:
    known = of([Person("ada", email="ada@uni.edu", team="x", section="Z", role="staff",
                       ids={"matrikel": "77"})])
    [ada, _] = imported(tmp_path, WORKSHEET, known).people
    assert (ada.team, ada.section, ada.role, ada.ids["matrikel"]) == ("x", "Z", "staff", "77")
    assert imported(tmp_path, CANVAS, known).people[0].section == "A"  # which the list says


def test_moodle_numbers_people_anew_in_each_assignment(tmp_path: Path) -> None:
    known = of(imported(tmp_path, WORKSHEET).people)
    later = of(imported(tmp_path, WORKSHEET.replace("501", "601"), known).people)
    assert later.find("501") == later.find("601") == later.people["ada"]
    assert imported(tmp_path, WORKSHEET, later).changed == ()


def test_who_is_new_and_called_like_somebody_may_be_the_same(tmp_path: Path) -> None:
    """Canvas exports no addresses, Moodle no logins: one person came in twice without a word."""
    known = of(imported(tmp_path, CANVAS).people)
    text = WORKSHEET.replace("ada@", "a.lovelace@")
    [(before, new)] = imported(tmp_path, text, known).alike
    assert (before.id, new.id) == ("ada", "a.lovelace")
    two = of(imported(tmp_path, text, known).people)
    assert imported(tmp_path, text, two).alike == ()  # they are known now
    assert imported(tmp_path, WORKSHEET, known).alike == ()


def test_people_who_are_no_longer_in_the_list(tmp_path: Path) -> None:
    known = of([Person("tut", role="staff"), Person("old"), *imported(tmp_path, CANVAS).people])
    kept = imported(tmp_path, CANVAS, known)
    assert [each.id for each in kept.missing] == ["old"] and len(kept.people) == 4
    gone = imported(tmp_path, CANVAS, known, remove_missing=True)
    assert [each.id for each in gone.people] == ["tut", "ada", "gboole"]


def test_ids_come_from_the_column_that_was_named(tmp_path: Path) -> None:
    assert [each.id for each in imported(tmp_path, CANVAS, id_column="sis user id").people] \
        == ["s1", "s2"]
    with pytest.raises(ExchangeError, match="no column 'matrikel'"):
        imported(tmp_path, CANVAS, id_column="matrikel")
    with pytest.raises(ExchangeError, match="no column 'SIS Login IDD'; there are: student, id"):
        imported(tmp_path, CANVAS, of(imported(tmp_path, CANVAS).people), id_column="SIS Login IDD")


@pytest.mark.parametrize(("text", "known", "said"), [
    ("id,email\nann,a@x\nbob,A@x \n", [], "lines 2 and 3 both have 'a@x'"),
    ("id,name\nann,A\nAnn,B\n", [], "lines 2 and 3 both have 'ann'"),
    ("Full name,Email address\nA,ann@x\n", [Person("ann"), Person("ann@x", email="z@x"),
                                            Person("ann@x-email")],
     "line 2: would be 'ann', who is somebody else in the course"),
    ("id,email\nann,b@x\n", [Person("ann"), Person("bob", email="b@x")],
     "line 2: is both 'ann' and 'bob'"),
    ("Full name,Email address\nA,\n", [], "line 2: has nothing to make an id of"),
    ("id,role\nann,boss\n", [], "line 2: the role 'boss' is none"),
])
def test_two_people_of_one_id_and_one_person_of_two_are_refused(
        text: str, known: list[Person], said: str, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError) as refused:
        imported(tmp_path, text, of(known))
    assert said in str(refused.value)


@pytest.mark.parametrize(("text", "new"), [
    ("Full name,Email address\nMal,ada@evil.org\n", "ada@evil.org"),
    ('"identifier","github_username","github_id","name"\n"","ada","7","Mal"\n', "ada-github"),
])
def test_nobody_becomes_somebody_by_a_name_of_their_choice(
    text: str, new: str, tmp_path: Path
) -> None:
    """The control is an id that an institution gave: that is the same person."""
    ada = Person("ada", "Ada Lovelace")
    merged = imported(tmp_path, text, of([ada]))
    assert merged.people[0] == ada and [each.id for each in merged.new] == [new]
    control = imported(tmp_path, "Full name,Email address,Username\nAda L,a@x,ada\n", of([ada]))
    assert [each.id for each in control.people] == ["ada"]
    assert "had the name 'Ada Lovelace', and has 'Ada L' now" in control.notes[0]


def test_ids_that_are_made_go_to_those_first_whose_own_they_are(tmp_path: Path) -> None:
    merged = imported(
        tmp_path, "Full name,Email address,Username\nMal,ada@evil.org,\nAda,a@x,ada\n")
    assert [each.id for each in merged.people] == ["ada@evil.org", "ada"]


# Properties ------------------------------------------------------------------------------------

WORDS = st.text("abc7 é,;\"'=@", max_size=6)
IDS = st.lists(st.integers(0, 30).map(lambda number: f"p{number}"), unique=True, max_size=6)


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A plain list as spreadsheets quote it, of ids that each stand once."""
    people = [Person(id, draw(WORDS).strip(), section=draw(WORDS).strip(), team=draw(WORDS).strip(),
                     role=draw(st.sampled_from(["student", "staff"])),
                     ids={"github": f"g{id}"} if draw(st.booleans()) else {})
              for id in draw(IDS)]
    return written(people)


@given(lists(), lists(), st.booleans())
def test_importing_twice_changes_nothing_and_loses_nobody(
        tmp_path_factory: pytest.TempPathFactory, before: str, text: str, removes: bool) -> None:
    folder = tmp_path_factory.mktemp("lists")
    known = of(imported(folder, before).people)
    if removes and 2 * len(imported(folder, text, known).missing) > len(known.students):
        with pytest.raises(ExchangeError, match="more than half are not taken out at once"):
            imported(folder, text, known, remove_missing=True)
        removes = False
    once = imported(folder, text, known, remove_missing=removes)
    again = imported(folder, text, of(once.people), remove_missing=removes)
    assert again.people == once.people and not again.new and not again.changed
    listed = {person.id for person in imported(folder, text).people}
    kept = known.people.keys() - {each.id for each in once.missing if removes}
    assert {person.id for person in once.people} == kept | listed
    assert all(person.id not in listed for person in once.missing)


@given(lists())
def test_the_table_is_read_as_it_was_written(
        tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("course")
    people = imported(folder, text).people
    assert tuple(kept(folder, written(people)).people.values()) == people
