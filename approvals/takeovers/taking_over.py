"""Taking over a city's overdue review (提级审核, rules 2.5).

The province then gives the first opinion in the city's place (``Stage.TAKEN_OVER``), and another person of the
province the final one, or the province's own record: two tiers stay two people (rules 4.3). The city reads on, its
missed day stays its own, and nothing that was taken over goes back to it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.urls import reverse

from approvals.cases import take
from approvals.models import TakeOver
from approvals.reviews import prepared
from approvals.reviews.feedback import names_and_numbers
from approvals.takeovers import taken_over
from certification.deadlines.models import Deadline
from certification.notices.sending import Message, send
from certification.organisations import access, separation
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity
from exams.applications.reviewing import move
from exams.models import ExamApplication

ACTION = "approvals.take_over"
TOLD = (Role.CITY_REVIEWER, Role.CITY_HEAD, Role.INSTITUTION_FILER)


@activity
def take_over(*, actor, now, application_ids: Iterable[int], reason: str) -> list[Result]:
    """The province takes overdue reviews of cities over; a result per application.

    Opinions that a city prepared and had not handed over end. Raises NotPermitted, Incomplete without a reason, and
    DoesNotExist where one is not the actor's to see; what was reviewed meanwhile or is not overdue is its own result.
    """
    access.require(actor, ACTION)
    reason = reason.strip()
    if not reason:
        raise Incomplete([Problem("请写明提级审核的理由。", code="required", field="reason")])
    applications = take(ExamApplication.objects.select_related("person", "job_type"), actor, application_ids)
    before = {row.pk: row.state for row in applications}
    missed = taken_over.missed(applications, now)
    check = _check(actor, applications, missed)
    results = move("take_over", applications, actor=actor, now=now, reason=reason, check=check)
    made = [result.row for result in results if result.ok]
    TakeOver.objects.bulk_create(
        TakeOver(
            application=row,
            from_state=before[row.pk],
            deadline=missed[row.pk],
            reason=reason,
            taken_by=actor,
            on_behalf_of=actor.acting_for,
            organisation_id=actor.organisation_id,
            at=now,
        )
        for row in made
    )
    overtaken = list(prepared.standing_on(row.pk for row in made).values())
    prepared.end(overtaken, actor=actor, now=now, reason=prepared.MOVED_ON)
    _tell(made, missed, reason, now=now)
    return results


def _check(
    actor, applications: Sequence[ExamApplication], missed: dict[int, Deadline]
) -> Callable[[ExamApplication], None]:
    breaches = separation.breaches(actor, Capacity.TAKES_OVER, applications)

    def check(application: ExamApplication) -> None:
        if application.pk not in missed:
            raise WrongState(
                f"“{application}”的市级审核没有逾期，不能提级审核。",
                code="not_overdue",
                clause=taken_over.CLAUSE,
                advice="请提醒设区市按时审核。",
            )
        if breach := breaches.get(application.pk):
            raise breach

    return check


def _tell(made: Sequence[ExamApplication], missed: dict[int, Deadline], reason: str, *, now) -> None:
    """One notice for each city and each institution, with names and numbers."""
    concerned: dict[int, list[ExamApplication]] = defaultdict(list)
    for row in made:
        concerned[row.organiser_id].append(row)
        concerned[row.institution_id].append(row)
    people = access.users_at(TOLD, concerned.keys(), now.date())
    cities = Organisation.objects.in_bulk({row.organiser_id for row in made})
    messages = []
    for organisation_id, rows in concerned.items():
        is_city = organisation_id in cities
        days = sorted({missed[row.pk].due_on for row in rows})
        body = [
            names_and_numbers(rows),
            f"市级审核应在{'、'.join(map(plain_day, days))}前完成，逾期未办。理由：{reason}",
        ]
        body.append(taken_over.CITY_READS if is_city else "由省厅考试中心继续审核，材料不需要重新提交。")
        url = reverse("approvals:case", args=[rows[0].pk]) if len(rows) == 1 else reverse("approvals:taken_over")
        if not is_city:
            url = reverse("exams:application_list") if len(rows) > 1 else url
        title = f"省厅提级审核：{len(rows)}人"
        messages += [Message(user.pk, title, "\n".join(body), url, about=rows) for user in people[organisation_id]]
    send(messages, now=now)
