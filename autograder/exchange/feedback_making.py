"""Making a zip of feedback that was asked for at the desk, in a process of its own: it reads
notebooks, and the door's does not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from autograder import intake
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exchange.feedback_job import FeedbackFolder, FeedbackJob
from autograder.exchange.format import ExchangeError
from autograder.exchange.packs import PACKS, give_back
from autograder.gradebook import Grade
from autograder.intake import whose
from autograder.store import Store
from autograder.submission import Submission

_TOLD = 0.5  # seconds between two notes of how far it is


def make(course: Course, job: FeedbackJob) -> None:
    """Make the zip, and note how far it is and what came of it."""
    folder = FeedbackFolder(course)
    try:
        job = _made(course, folder, job)
    except (AutograderError, OSError) as error:
        place = f"{folder.download(job).parent}/"  # which is nobody's on the page
        job = job.model_copy(update={"error": str(error).replace(place, "")})
    folder.download(job).unlink(missing_ok=True)
    try:
        folder.note(job.model_copy(update={"ended": datetime.now(UTC)}))
    except ExchangeError:
        folder.drop(job)  # somebody's feedback in it is to be nowhere


def _made(course: Course, folder: FeedbackFolder, job: FeedbackJob) -> FeedbackJob:
    how, assignment, told = PACKS[job.platform], course.assignment(job.assignment), 0.0
    with Store(course) as store:
        grades = store.grades_of_people(job.assignment)
        found, notes = _handed_in(course, store, folder, job, grades)

        def progress(done: int) -> None:
            nonlocal told
            if time.monotonic() - told > _TOLD:
                told = time.monotonic()
                folder.note(job.model_copy(update={"done": done, "many": len(found)}))

        packed = give_back(replace(how, is_zip=True), found, grades, assignment, folder.zip(job),
                           store, output="the desk", by=job.by, progress=progress)
    return job.model_copy(update={
        "done": len(found), "many": len(found), "written": len(packed.written),
        "notes": (*notes, *packed.notes)})


def _handed_in(course: Course, store: Store, folder: FeedbackFolder, job: FeedbackJob,
               grades: Sequence[Grade]) -> tuple[Sequence[Submission], list[str]]:
    """What feedback is written into: the platform's download or, where its names are not needed,
    the kept files of what counts. And whose is not there: a line for staff each."""
    layout = PACKS[job.platform].layout
    if layout is None:
        return intake.submissions(intake.KeptFiles(course), (each.result for each in grades))
    _, there = whose.found_at([folder.download(job)], course.assignment(job.assignment), store,
                              store.decisions().roster, layout=layout)
    return there.submissions, list(there.notes)
