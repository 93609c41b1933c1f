"""What staff decide, what students ask, who did what; and verdicts apart, for grades of a term."""

import json
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"

_RESULTS = sa.table("results", sa.column("id", sa.Integer()), sa.column("record", sa.Text()),
                    sa.column("verdicts", sa.Text()))


def upgrade() -> None:
    op.add_column("results", sa.Column("verdicts", sa.Text(), nullable=False, server_default="{}"))
    _fill()
    op.drop_index("results_assignment", "results")
    op.create_index("results_assignment", "results", [
        "assignment", "student", "submission", "submitted", "created", "run_id"])
    text, moment = sa.Text(), sa.DateTime(timezone=True)
    op.create_table(
        "adjustments", *_act(), sa.Column("whom_kind", text, nullable=False),
        sa.Column("whom", text, nullable=False), sa.Column("question", text),
        sa.Column("kind", text, nullable=False), sa.Column("points", text),
        sa.Column("comment", text, nullable=False))
    op.create_table(
        "waivers", *_act(), sa.Column("question", text, nullable=False),
        sa.Column("check", text, nullable=False))
    op.create_table(
        "extensions", *_act(), sa.Column("whom_kind", text, nullable=False),
        sa.Column("whom", text, nullable=False), sa.Column("due", moment, nullable=False))
    op.create_table(
        "marks", *_act(), sa.Column("student", text, nullable=False),
        sa.Column("question", text, nullable=False), sa.Column("points", text, nullable=False),
        sa.Column("comment", text, nullable=False), sa.Column("items", text, nullable=False),
        sa.Column("answer", text, nullable=False))
    op.create_table(
        "requests", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("opened", moment, nullable=False), sa.Column("student", text, nullable=False),
        sa.Column("assignment", text, nullable=False), sa.Column("question", text),
        sa.Column("closed", moment), sa.Column("outcome", text))
    op.create_table(
        "messages", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request_id", sa.Integer(), sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("at", moment, nullable=False), sa.Column("by", text, nullable=False),
        sa.Column("text", text, nullable=False))
    op.create_index("messages_request", "messages", ["request_id"])
    op.create_table(
        "events", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", moment, nullable=False), sa.Column("account", text, nullable=False),
        sa.Column("host", text, nullable=False), sa.Column("verb", text, nullable=False),
        sa.Column("object", text, nullable=False), sa.Column("student", text),
        sa.Column("before", text), sa.Column("after", text),
        sa.Column("why", text, nullable=False))
    op.create_table(
        "written", sa.Column("format", text, primary_key=True),
        sa.Column("assignment", text, primary_key=True),
        sa.Column("student", text, primary_key=True), sa.Column("at", moment, nullable=False),
        sa.Column("value", text, nullable=False))


def _act() -> list[sa.Column[Any]]:
    return [sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
            sa.Column("assignment", sa.Text(), nullable=False),
            sa.Column("reason", sa.Text(), nullable=False),
            sa.Column("revoked", sa.DateTime(timezone=True))]


def _fill() -> None:
    connection = op.get_bind()
    for number in connection.scalars(sa.select(_RESULTS.c.id)).all():  # records are long
        record = connection.scalars(
            sa.select(_RESULTS.c.record).where(_RESULTS.c.id == number)).one()
        connection.execute(sa.update(_RESULTS).where(_RESULTS.c.id == number)
                           .values(verdicts=_verdicts(record)))


def _verdicts(record: str) -> str:
    """As version 5 writes them; nothing of a record that cannot be read."""
    try:
        result = json.loads(record)
        return json.dumps({"due": result["submission"].get("due"), "questions": {
            question["name"]: _verdict(question) for question in result.get("questions", ())}})
    except (ValueError, LookupError, TypeError, AttributeError):
        return "{}"


def _verdict(question: dict[str, Any]) -> list[Any]:
    checks = {check["id"]: [check.get("weight", "1"), check.get("earned", "0")]
              for check in question.get("checks", ())}
    pairs = [(Fraction(weight), Fraction(earned)) for weight, earned in checks.values()]
    earned = Fraction(0)
    if pairs and question["status"] != "forbidden":
        earned = sum((weight * earned for weight, earned in pairs), Fraction(0)) \
            / sum(weight for weight, _ in pairs)
    return [question["status"], str(earned), question.get("corrected"), json.dumps(checks)]
