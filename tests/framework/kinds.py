"""What each test needs, how long it takes, and beside what it may run: by its file, or its name."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parent

# Files whose tests start processes of ours: workers, judges, forks. All others have none.
WORKER = {
    "authoring/test_audit.py", "authoring/test_importing.py", "authoring/test_new.py",
    "grading/test_regrade.py",
    "judge/test_counts.py", "judge/test_courses_values.py", "judge/test_judge.py",
    "judge/test_explaining.py", "judge/test_judge_hostile.py", "judge/test_measuring.py",
    "judge/test_answerer.py", "judge/test_two_sessions.py", "jupyter/test_as_a_judge.py",
    "jupyter/test_handed_in.py",
    "selfcheck/test_watching.py",
    "judge/test_judge_suites.py", "judge/test_learners_code.py", "judge/test_repair.py",
    "judge/test_shipped_suites.py", "judge/test_student_tests.py", "judge/test_surroundings.py",
    "protocol/test_protocol.py", "report/test_translation.py", "sandbox/test_patience.py",
    "sandbox/test_sandbox.py", "whole/test_second_course.py",
    "worker/test_lean.py",
    "test_begun.py", "test_facade.py", "timing/test_timing.py", "timing/test_timing_protocol.py",
    "worker/test_calls.py", "worker/test_denial.py", "worker/test_device.py",
    "worker/test_loading.py", "worker/test_packages.py", "worker/test_plots.py",
}
# Files whose tests need more of the world: commands, browsers, databases, other people's tools.
WORLD = {
    "cli/test_cli.py", "cli/test_cold.py", "cli/test_deciding.py", "cli/test_doctor.py",
    "cli/test_marks_verbs.py", "cli/test_everywhere.py", "cli/test_people.py",
    "cli/test_teams_feedback.py", "course/test_secret.py",
    "exchange/test_bounded.py", "exchange/test_ci.py", "exchange/test_exchange_again.py",
    "exchange/test_exchange_gradescope.py", "exchange/test_exchange_nbgrader.py",
    "exchange/test_exchange_otter.py", "exchange/test_lti_services.py", "exchange/test_packs.py",
    "exchange/test_second_looks.py",
    "gpucheck/test_gpucheck.py", "grading/test_cluster.py", "judge/test_judge_imports.py",
    "grading/test_executors.py", "grading/test_graders.py", "grading/test_run.py",
    "handing_in/test_handing_in.py",
    "intake/test_backup.py", "intake/test_files.py", "intake/test_persons.py",
    "jupyter/test_in_a_kernel.py", "jupyter/test_light.py", "jupyter/test_predicting.py",
    "intake/test_receiving.py", "intake/test_verbs.py",
    "telemetry/test_telemetry.py", "report/test_pages.py", "report/test_window.py",
    "selfcheck/test_check.py", "store/test_diff.py", "store/test_store.py",
    "store/test_store_migrations.py", "store/test_store_policies.py",
    "store/test_store_requests.py", "store/test_store_sharing.py", "timing/test_exploits.py",
    "submission/test_beneath.py", "timing/test_probes.py",
    "whole/test_attacks.py", "whole/test_deploy.py",
    "cli/test_endings.py", "whole/test_bench.py", "whole/test_documented_commands.py",
    "whole/test_faults.py", "whole/test_feedback.py", "whole/test_paths.py",
    "notices/test_sending.py", "web/test_desk.py",
    "web/test_described.py", "web/test_door.py", "web/test_endpoints.py", "web/test_hostility.py",
    "web/test_feedback_zips.py", "web/test_deep_linking.py",
    "web/test_log_in_by_browser.py", "web/test_logging_in.py", "web/test_lti.py",
    "web/test_machines.py", "web/test_pipelines.py",
    "whole/test_a_term.py", "whole/test_safe_path.py", "whole/test_site.py",
    "whole/test_wheel.py",
    "worker/test_cgroup.py", "worker/test_holes.py", "worker/test_worker_alone.py",
}

# Root runs attacks as itself and as an ordinary user; everybody else as one user only.
_AS_ANOTHER = "ordinary" if os.geteuid() == 0 else "nobody"

# What `make test` leaves to `make proofs`, and to continuous integration: first files whose tests
# take seconds each by nature, for they need a browser, other people's programs, another interpreter
# without what is here, or whole commands one after the other.
PROOF_FILES = {
    "authoring/test_new.py", "cli/test_cold.py", "cli/test_doctor.py", "cli/test_everywhere.py",
    "cli/test_marks_verbs.py", "cli/test_people.py", "exchange/test_ci.py",
    "exchange/test_exchange_gradescope.py", "exchange/test_exchange_nbgrader.py",
    "exchange/test_exchange_otter.py", "grading/test_cluster.py", "grading/test_graders.py",
    "intake/test_verbs.py",
    "jupyter/test_as_a_judge.py", "jupyter/test_in_a_kernel.py", "jupyter/test_light.py",
    "report/test_pages.py", "web/test_desk.py", "web/test_door.py", "web/test_feedback_zips.py",
    "web/test_log_in_by_browser.py", "web/test_machines.py", "whole/test_a_term.py",
    "whole/test_bench.py", "whole/test_faults.py", "whole/test_feedback.py",
    "whole/test_paths.py", "whole/test_safe_path.py", "whole/test_second_course.py",
    "whole/test_site.py", "whole/test_wheel.py", "worker/test_cgroup.py",
    "worker/test_packages.py",
}
# And single tests of other files, by patterns of their names with parameters: what takes as long
# there, and the same once more, in another tier, as another user, by another database.
PROOFS = [
    rf"test_attack_is_held\[.*-(landlock-.*|namespaces-{_AS_ANOTHER})\]",
    rf"test_everybody_has_a_row_.*\[(landlock-.*|namespaces-{_AS_ANOTHER})\]",
    r"test_control_succeeds\[machine/become_somebody\]",
    r"test_what_a_student_reads_is_the_same_under_another_secret\[anything\]",
    r"test_the_line_and_what_is_wrong_there\[corr2d-(order-0|name-4|operator-5|loop-6|window-3)\]",
    r"test_code_made_to_cost_much_stays_within_bounds\[(many .*|names like many others)\]",
    r"test_no_answer_is_a_fault_of_the_suite\[(?!pooling).*\]",
    r"test_hidden_checks_draw_what_they_ask\[(?!pooling).*\]",
    r"test_wrong_answers_do_not_fill_the_judges_memory",
    r"test_a_package_that_is_needed_is_the_real_one",
    r"test_what_torch_imports_late_can_be_imported",
    r"test_a_judge_needs_no_algebra\[.*-True-.*\]",
    r"test_an_old_folder_finds_what_is_wrong",
    r"test_without_linux_a_process_of_its_own_does",
    r"test_the_model_solution_passes_what_students_get\[capstone\]",
    r"test_the_docstrings_of_this_course_keep_their_word\[capstone\]",
    r"test_the_audit_is_green_once_misconceptions_are_written",
    r"test_killed_while_it_writes_it_leaves_nothing_that_is_found",
    r"test_it_says_what_is_lacking_here",
    r"test_a_browser_chooses_in_a_frame_of_the_platforms_.*",
    r"test_nobody_and_nobody_else_reaches_anything\[postgresql\]",
    r"test_the_desk_decides_as_the_verbs_do\[postgresql\]",
]
_PROOF = re.compile("|".join(PROOFS))

# Proofs that take minutes: for a night, or before a release.
NIGHT = {
    "test_documented_commands_run",
    "test_every_example_and_learner_is_told_as_a_judge_tells_it",
    "test_other_ways_of_grading_are_really_run",
    "test_the_figures_of_this_machine_are_shown_and_kept",
}

# Tests of memory, which nothing else may run beside: the kernel says that something was killed for
# want of memory, and not what.
ALONE = {
    "test_a_group_bounds_memory_and_says_who_broke_the_bound",
    "test_a_machine_that_is_out_of_memory_costs_nobody_a_point",
}

# Of attacks, what looks at all that was graded in tier namespaces.
OF_NAMESPACES = {"test_what_a_student_reads_is_the_same_under_another_secret"}

# What takes longest begins first, or one process would be busy with it long after the other.
LONGEST = [
    "whole/test_attacks.py", "whole/test_faults.py", "report/test_pages.py",
    "whole/test_safe_path.py", "whole/test_paths.py", "grading/test_cluster.py",
    "whole/test_bench.py", "web/test_door.py", "web/test_machines.py", "judge/test_repair.py",
    "worker/test_cgroup.py", "judge/test_two_sessions.py", "judge/test_judge_hostile.py",
    "cli/test_everywhere.py", "cli/test_cli.py", "sandbox/test_sandbox.py", "web/test_endpoints.py",
    "exchange/test_second_looks.py", "judge/test_judge.py", "exchange/test_exchange_nbgrader.py",
    "exchange/test_exchange_otter.py", "authoring/test_audit.py", "whole/test_feedback.py",
    "selfcheck/test_check.py", "exchange/test_exchange_gradescope.py", "cli/test_deciding.py",
    "whole/test_a_term.py", "whole/test_second_course.py", "web/test_desk.py",
    "whole/test_wheel.py", "timing/test_timing.py", "gpucheck/test_gpucheck.py",
    "grading/test_run.py", "exchange/test_exchange_again.py", "store/test_store.py",
    "judge/test_answerer.py", "judge/test_student_tests.py", "judge/test_shipped_suites.py",
    "store/test_diff.py", "judge/test_learners_code.py", "report/test_translation.py",
    "exchange/test_ci.py", "cli/test_doctor.py",
]

collected: set[str] = set()
"""Names of the tests that this run has found, with parameters, also of those that it leaves out."""


def file_of(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def kind(file: str) -> str:
    return "world" if file in WORLD else "worker" if file in WORKER else "unit"


def marks(path: Path, name: str) -> list[str]:
    """Of a test, by its name with parameters: what it needs, and whether it is a proof."""
    is_long = name.partition("[")[0] in NIGHT
    file = file_of(path)
    is_proof = is_long or file in PROOF_FILES or _PROOF.fullmatch(name) is not None
    return [kind(file), *["proof"] * is_proof, *["night"] * is_long]


def group(path: Path, name: str, parameters: str) -> str:
    """Tests of one group run in one process, one after the other: those of a file, for they share
    what is made once; of attacks, those that one run has graded."""
    file = file_of(path)
    if file != "whole/test_attacks.py":
        return file
    of = "namespaces" if name in OF_NAMESPACES else parameters
    return " ".join([file, *(tier for tier in ("namespaces", "landlock") if tier in of)])


def rank(path: Path) -> tuple[int, int]:
    """What is not among the longest begins by its kind: what is short fills the end."""
    file = file_of(path)
    longest = LONGEST.index(file) if file in LONGEST else len(LONGEST)
    return longest, ("world", "worker", "unit").index(kind(file))


@contextmanager
def beside_others(folder: Path, alone: bool) -> Iterator[None]:
    """While this lasts, no test that is ``alone`` runs in another process; or none at all."""
    with (folder / "gate").open("w") as gate, (folder / "tests").open("w") as tests:
        fcntl.flock(gate, fcntl.LOCK_EX)  # who waits for all others is not overtaken by them
        fcntl.flock(tests, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield


def is_distributed() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ
