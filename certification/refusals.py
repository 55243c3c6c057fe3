"""Typed refusals: why something was not done, by which clause, and what to do now.

Activities raise them; pages show them at the form, bulk actions show one per row, tasks log them.
The ``code`` is for programs and tests, the ``message`` is Chinese and for people.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Refusal(Exception):
    """Something was refused. ``message`` says what and why, ``advice`` what to do now, ``clause`` by which rule."""

    code = "refused"

    def __init__(self, message: str, *, code: str = "", clause: str = "", advice: str = ""):
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.clause = clause
        self.advice = advice

    def __str__(self) -> str:
        clause = f"（依据：{self.clause}）" if self.clause else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.message}{clause}{advice}"


def raise_if(refusal: Refusal | None) -> None:
    """Raise ``refusal``, if there is one."""
    if refusal is not None:
        raise refusal


class NotPermitted(Refusal):
    """The actor holds no role that may do this."""

    code = "not_permitted"


class SeparationBreach(Refusal):
    """A rule of separation (rules 4) forbids this person to do this here."""

    code = "separation"


class WrongState(Refusal):
    """The thing is no longer (or not yet) in a state in which this can be done; often somebody else was quicker."""

    code = "wrong_state"


class TooLate(Refusal):
    """The deadline has passed. ``due_on`` was the last day in time; ``earliest`` is the earliest lawful event day.

    Where the provincial head may admit it late, ``rule_code``, ``subject`` and ``event_on`` say what to ask for,
    ``admission`` is what was asked or decided already, and ``also`` are further refusals of the same filing.
    """

    code = "too_late"

    def __init__(
        self,
        message: str,
        *,
        due_on=None,
        earliest=None,
        rule_code: str = "",
        subject=None,
        event_on=None,
        admission=None,
        **kwargs,
    ):
        super().__init__(message, **kwargs)
        self.due_on = due_on
        self.earliest = earliest
        self.rule_code = rule_code
        self.subject = subject
        self.event_on = event_on
        self.admission = admission
        self.also: list[TooLate] = []


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what was handed in; ``field`` or ``row`` and ``column`` say where."""

    message: str
    code: str = "invalid"
    field: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    advice: str = ""


class Incomplete(Refusal):
    """What was handed in has problems; all of them are listed, none is reported alone."""

    code = "incomplete"

    def __init__(self, problems: list[Problem], message: str = "", **kwargs):
        super().__init__(message or "；".join(problem.message for problem in problems), **kwargs)
        self.problems = problems


class Outage(Refusal):
    """The system cannot do it, whoever asks and whatever is handed in: an administrator must act. Jobs that meet one
    end as failed."""

    code = "outage"


class DiskFull(Outage):
    """There is no room on the disk for a file."""

    code = "disk_full"

    def __init__(self):
        super().__init__(
            "服务器磁盘空间不足，文件没有保存，本次办理未生效。", advice="请系统管理员清理或扩充磁盘，然后重试。"
        )


@contextmanager
def telling_of_full_disk() -> Iterator[None]:
    """Within the block an error that says that the disk is full is raised as DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise
