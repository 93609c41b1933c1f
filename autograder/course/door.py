"""[door] of grader.toml: whose word the door takes for who somebody is, and who is told of what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from autograder.addresses import is_confidential
from autograder.course.fields import Table


def _confidential(url: str) -> str:
    if not is_confidential(url):
        raise PydanticCustomError("url", "not an https:// address")
    return url


Address = Annotated[str, AfterValidator(_confidential)]
Column = Annotated[str, Field(min_length=1, max_length=100)]


class OidcTable(Table):
    """The provider by whose log-in people come in. Its secret stands in the environment variable
    AUTOGRADER_OIDC_SECRET, or in a file."""

    kind: Literal["oidc", "jupyterhub"] = Field(
        "oidc", description="OpenID Connect, or a JupyterHub, which is asked as its services do")
    issuer: Address = Field(description="the provider, letter by letter as it calls itself; of a "
                            "JupyterHub the address of the hub: https://jupyter.example.org/hub")
    client_id: str = Field(min_length=1, description="what the provider calls the door")
    claim: str = Field("email", description="what the provider says that tells people apart; of a "
                       "JupyterHub `name`")
    column: Column = Field("email", description="the column of the table of people that has it")
    label: str | None = Field(None, min_length=1, max_length=60, description="what the button "
                              "says that people log in with; none: the university's account")
    secret_file: str | None = Field(
        None, description="file that holds the provider's secret, where no environment variable "
        "does")


class LtiTable(Table):
    """The learning platform from whose courses people come in, by LTI 1.3."""

    issuer: Address = Field(description="the platform, letter by letter as it calls itself")
    client_id: str = Field(min_length=1, description="what the platform calls the door")
    deployments: list[str] = Field(
        min_length=1, description="the deployments of it that this course takes")
    context: str | None = Field(
        None, min_length=1, description="the platform's id of the course whose people and "
        "gradebook are this course's; none: the one by whose link somebody of the staff came "
        "first")
    authorize: Address = Field(description="where the platform says who somebody is: its "
                               "authentication request URL")
    token: Address = Field(description="where the door asks for access to names and grades: its "
                           "access token URL")
    keys: Address = Field(description="where the platform's public keys are: its keyset URL")
    pages: Address | None = Field(
        None, description="where people see the platform, where that is at none of these "
        "addresses, as in Canvas's cloud: links that staff choose are sent there")
    columns: list[Literal["lti", "sis_id", "email"]] = Field(
        ["lti", "sis_id", "email"], min_length=1, description="by what people are known, in the "
        "columns of the table of people: the platform's own id, the institution's number, the "
        "address")


class PipelineTable(Table):
    """Pipelines that hand in by their own identity tokens."""

    issuer: Address | None = Field(
        None, description="who signs the tokens; none: GitHub's own service, or gitlab.com")
    repositories: str = Field(
        description="whose pipelines hand in what: a repository's full name with {assignment} and "
        "{account} in it, such as course-org/{assignment}-{account}")
    column: Column | None = Field(
        None, description="the column of the table of people that has the accounts of this very "
        "service, where anybody may take another's login as a name; none: `github` or `gitlab`")

    @field_validator("repositories")
    @classmethod
    def _names_an_account(cls, pattern: str) -> str:
        if pattern.count("{account}") != 1 or pattern.count("{assignment}") > 1:
            raise PydanticCustomError(
                "pattern", "has to have {account} once, and {assignment} at most once; write for "
                "example course-org/{assignment}-{account}")
        return pattern


Variable = Annotated[str, Field(pattern=r"[A-Za-z_][A-Za-z0-9_]*")]


class NoticesTable(Table):
    """Who is told that something is there: by a link, never by a score. Each names an environment
    variable that holds a URL of apprise, which has secrets in it; without one, nobody is told."""

    students: Variable | None = Field(
        None, description="variable with the URL of a mail server, such as "
        "`mailtos://user:password@smtp.example.org?from=grader@example.org`: students are told at "
        "the address that the table of people has")
    staff: Variable | None = Field(
        None, description="variable with the URL of wherever staff read: a mailbox, a chat")
    after_minutes: float = Field(
        2, ge=0, description="results are told that took longer: who waits on the page sees the "
        "others come")


class DoorTable(Table):
    """Whose word the door takes for who somebody is, beside links and tokens of its own; and who is
    told of what."""

    oidc: OidcTable | None = Field(None, description="log-in by a university or a JupyterHub")
    lti: LtiTable | None = Field(None, description="log-in from a learning platform's course")
    github: PipelineTable | None = Field(None, description="hand-ins by GitHub Actions")
    gitlab: PipelineTable | None = Field(None, description="hand-ins by GitLab's pipelines")
    notices: NoticesTable = Field(NoticesTable(), description="who is told of what")
