"""What verdicts are worth: points, follow-through, bonus, lateness. Pure functions, without input
or output.

Grades are computed whenever somebody looks: from a result's verdicts, and from grader.toml as it
is then. So nothing is scored twice, and other points or due dates change no result.
"""

from autograder.gradebook.model import CheckGrade, Grade, QuestionGrade, for_student, json_schema
from autograder.gradebook.points import grade, grades, question_grade

__all__ = ["CheckGrade", "Grade", "QuestionGrade", "for_student", "grade", "grades", "json_schema",
           "question_grade"]
