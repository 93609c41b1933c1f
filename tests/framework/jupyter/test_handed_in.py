"""A notebook in which its student checked themselves is graded as if they had not."""

from __future__ import annotations

from pathlib import Path

import nbformat
from labs import REPOSITORY, RIGHT
from nbformat import v4

from autograder import selfcheck


def test_magics_and_what_is_checked_or_predicted_cost_nothing(tmp_path: Path) -> None:
    """What stands below `%%check` is code; what stands in a cell beside a check is run."""
    first, *others = RIGHT.split("\ndef ")
    cells = ["%load_ext autograder\nfrom autograder.notebook import check", first,
             *(f"%%check\ndef {each}\n%check corr2d" for each in others),
             "%submit helpers.py --to https://autograder.example.org",
             "try:\n    from autograder.notebook import observe, predict\nexcept ImportError:\n"
             "    raise",
             "predict('shape', (2, 3))\n"
             "observe('shape', corr2d(torch.ones(3, 3), torch.ones(2, 2)), within=1)",
             "predict('later', ...)\nassert predict('a', 1) is None",
             "check(corr2d)\n%check", "check('corr2d', language='zh')",
             "try:\n    from autograder.notebook import window\nexcept ImportError:\n    raise",
             "window(X, K, yours=corr2d(X, K))"]
    file = tmp_path / "correlation.ipynb"
    file.write_text(nbformat.writes(v4.new_notebook(cells=list(map(v4.new_code_cell, cells)))))
    found = selfcheck.check(file, checks=REPOSITORY / "assignments" / "correlation" / "checks")
    assert found.passed
    assert found.grade.result.load.errors == []
    assert found.grade.result.suspicions == []
