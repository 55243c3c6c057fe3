"""Feeding the province's results back to the city [三(二)1]. ``exams.applications.reviewing`` tells the institution."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse

from approvals.models import Outcome, Stage
from approvals.reviews.opinions import Opinion
from approvals.reviews.stages import Step
from certification.notices.sending import Message, send
from certification.organisations.access import users_at
from certification.organisations.roles import Role
from exams.models import ExamApplication

NAMES_SHOWN = 8


def tell(step: Step, opinions: Mapping[int, Opinion], applications: Sequence[ExamApplication], *, now) -> None:
    """Queue the notices of opinions (by the applications' ids): one per city and outcome, with names and numbers.
    Inside the transaction."""
    if step.stage not in (Stage.FINAL, Stage.TAKEN_OVER):
        return
    by_outcome: dict[Outcome, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        by_outcome[opinions[row.pk].outcome].append(row)
    for outcome, rows in by_outcome.items():
        _tell_city(f"{step.stage.label}{outcome.label}", opinions, rows, now=now)


def tell_objection(opinions: Mapping[int, Opinion], applications: Sequence[ExamApplication], *, now) -> None:
    """The city hears that the province objected and that it has to review again."""
    if applications:
        _tell_city("省厅对审核结果提出异议", opinions, applications, now=now)


def _tell_city(title: str, opinions: Mapping[int, Opinion], applications: Sequence[ExamApplication], *, now) -> None:
    concerned: dict[int, list[ExamApplication]] = defaultdict(list)
    for application in applications:
        concerned[application.organiser_id].append(application)
    people = users_at([Role.CITY_REVIEWER], concerned.keys(), now.date())
    messages = []
    for organiser_id, rows in concerned.items():
        words, body, url = f"{title}：{len(rows)}人", _said_of(rows, opinions), _address(rows)
        messages += [Message(user.pk, words, body, url, about=rows) for user in people[organiser_id]]
    send(messages, now=now)


def _said_of(rows: Sequence[ExamApplication], opinions: Mapping[int, Opinion]) -> str:
    """Who, and below them what was said of them, for each thing that was said."""
    by_text: dict[str, list[ExamApplication]] = defaultdict(list)
    for row in rows:
        by_text[opinions[row.pk].text].append(row)
    return "\n".join("\n".join(filter(None, [names_and_numbers(own), text])) for text, own in by_text.items())


def names_and_numbers(rows: Sequence[ExamApplication]) -> str:
    """The first eight by name and number, and how many there are where there are more."""
    shown = "、".join(f"{row.person}（{row.number}）" for row in rows[:NAMES_SHOWN])
    return shown if len(rows) <= NAMES_SHOWN else f"{shown}等{len(rows)}人"


def _address(rows: Sequence[ExamApplication]) -> str:
    return reverse("approvals:case", args=[rows[0].pk]) if len(rows) == 1 else reverse("approvals:reviewed")
