"""Correction notices (补正通知书): made with the opinion or the acceptance that returned something, closed by the
answer, taken back by the tier that made them. Plain functions inside the transaction of the calling activity, on
locked cases; ``withdrawing`` and ``answering`` hold the activities of people.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from approvals import papers
from approvals.corrections import snapshots
from approvals.corrections.once import Item, Once, subject_column
from approvals.models import (
    ACCEPTANCE_STAGE,
    CorrectionItem,
    CorrectionNotice,
    LicenceApplicant,
    Outcome,
    Review,
)
from approvals.reviews.stages import STEPS
from approvals.states import NOTICE, NoticeState
from certification import clock
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.notices.sending import notify_role
from certification.notices.subjects import Cases
from certification.organisations import offices
from certification.organisations.models import Organisation
from certification.records import bulk
from certification.records.models.numbers import next_numbers
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workflow import apply, lock
from exams.applications import answers, obligations
from exams.applications.reviewing import ENDS, SUBMISSIONS
from exams.materials import paper_standards
from exams.models import ExamApplication, Material

RETURNED_FROM = {step.stage: step.state for step in STEPS.values()}
SERIES = "correction_notice"
LICENCE_CLAUSE = "方案三（四）"


def issue_with(reviews: Sequence[Review], once: Once, *, actor, now) -> list[CorrectionNotice]:
    """One notice for each opinion that returned an application; the others make none. Called where opinions are
    written, so that no application is ever returned without its notice."""
    returned = [review for review in reviews if review.outcome == Outcome.RETURN]
    if not returned:
        return []
    applications = [review.application for review in returned]
    due = _due_days(applications)
    said = snapshots.of_applications(row.pk for row in applications)
    notices = [
        CorrectionNotice(
            application=review.application,
            review=review,
            stage=review.stage,
            person_id=review.application.person_id,
            institution_id=review.application.institution_id,
            organiser_id=review.application.organiser_id,
            addressee_id=review.application.institution_id,
            again=once.is_second(review.application_id),
            due_on=due.get(review.application_id),
            before=said[review.application_id],
        )
        for review in returned
    ]
    clauses = _clauses(applications)
    return _issue(notices, once, lambda notice: clauses[notice.application_id], actor=actor, now=now)


def issue_for(applicants: Sequence[LicenceApplicant], once: Once, *, actor, now) -> list[CorrectionNotice]:
    """One notice for each person whose licence application is not complete (行政许可法第三十二条)."""
    notices = [
        CorrectionNotice(
            applicant=row,
            stage=ACCEPTANCE_STAGE,
            person_id=row.candidate.application.person_id,
            institution_id=row.candidate.application.institution_id,
            organiser_id=row.batch.organiser_id,
            addressee_id=row.batch.organiser_id,
            again=once.is_second(row.pk),
            before=snapshots.of_sent(row.sent, clock.day_of(now)),
        )
        for row in applicants
    ]
    return _issue(notices, once, lambda _notice: LICENCE_CLAUSE, actor=actor, now=now)


def close_answered(subjects: Sequence[Model], *, actor, now) -> list[CorrectionNotice]:
    """The cases went back: their open notices are answered, with what the cases say now and the papers that stand."""
    notices = open_of(subjects)
    if not notices:
        return []
    _settle_papers(notices, actor=actor, now=now)
    said = _facts_now(notices, subjects, clock.day_of(now))

    def change(notice: CorrectionNotice) -> None:
        notice.answered_by, notice.answered_at = actor, now
        notice.after = said[notice.pk]

    fields = ("answered_by", "answered_at", "after")
    apply(NOTICE, "answer", notices, actor=actor, now=now, change=change, fields=fields)
    return notices


def close_moved(name: str, applications: Sequence[ExamApplication], *, actor, now) -> None:
    """Hook of ``reviewing.move`` in exams: answered notices are closed, those of applications that ended too."""
    if name in SUBMISSIONS:
        close_answered(applications, actor=actor, now=now)
    elif name in ENDS:
        apply(NOTICE, "end", open_of(applications), actor=actor, now=now)


def open_of(subjects: Sequence[Model]) -> list[CorrectionNotice]:
    """The open notices of locked cases (all of one model), locked."""
    if not subjects:
        return []
    column = subject_column(subjects[0])
    return lock(CorrectionNotice.objects.open().filter(**{f"{column}__in": [row.pk for row in subjects]}))


def open_with_counts(subjects: Sequence[Model]) -> dict[int, CorrectionNotice]:
    """The open notice of each case, with ``given`` of ``asked`` items answered: case id → notice. One query."""
    if not subjects:
        return {}
    column = subject_column(subjects[0])
    rows = CorrectionNotice.objects.open().filter(**{f"{column}__in": [row.pk for row in subjects]})
    counted = rows.annotate(given=Count("items", filter=~Q(items__answer="")), asked=Count("items"))
    return {getattr(row, f"{column}_id"): row for row in counted}


def not_answered(subjects: Sequence[Model]) -> dict[int, Refusal]:
    """Which cases have an open notice with items that nobody answered yet: case id → why it cannot go back."""
    if not subjects:
        return {}
    column = subject_column(subjects[0])
    rows = CorrectionItem.objects.filter(
        **{f"notice__{column}__in": [row.pk for row in subjects]}, notice__state=NoticeState.OPEN
    )
    rows = rows.filter(Q(answer="") | (Q(answer=CorrectionItem.Answer.PAPER) & ~Q(material="") & ~Exists(_fresh())))
    left: dict[int, list[str]] = defaultdict(list)
    numbers: dict[int, str] = {}
    for pk, number, label in rows.values_list(f"notice__{column}", "notice__number", "label"):
        left[pk].append(label)
        numbers[pk] = number
    return {pk: _unanswered(numbers[pk], labels) for pk, labels in left.items()}


def clock_of(notice: CorrectionNotice) -> Deadline | None:
    """The deadline by which the answer is in time, as it stands now: the day of the tier that asked (rules 2.8). None
    where none is counted, and for licence applications, whose clocks start anew with the answer."""
    if notice.application_id is None:
        return None
    rule = obligations.review_rule(notice.application, RETURNED_FROM[notice.stage])
    return ledger.find(rule, notice.application) if rule else None


def url_of(notice: CorrectionNotice) -> str:
    """The page of one notice."""
    return reverse("approvals:correction", args=[notice.pk])


class Book:
    """The book of notices that exams asks (``exams.applications.answers``)."""

    def unanswered(self, applications: Sequence[ExamApplication]) -> dict[int, Refusal]:
        return not_answered(applications)

    def open_notices(self, applications: Sequence[ExamApplication]) -> dict[int, answers.Asked]:
        found = open_with_counts(applications)
        return {pk: answers.Asked(row.number, url_of(row), row.given, row.asked) for pk, row in found.items()}


BOOK = Book()


def _issue(
    notices: list[CorrectionNotice], once: Once, clause: Callable[[CorrectionNotice], str], *, actor, now
) -> list[CorrectionNotice]:
    if not notices:
        return []
    year = clock.day_of(now).year
    form = lookup.values("decision", "correction_numbers", lookup.edition_on(clock.day_of(now)))["number"]
    for notice, number in zip(notices, next_numbers(SERIES, year, len(notices)), strict=True):
        notice.number = form.format(year=year, number=number)
        notice.organisation_id = actor.organisation_id
        notice.made_by, notice.made_at = actor, now
    bulk_create_with_history(notices, CorrectionNotice, default_user=actor, default_date=now)
    _write_items(notices, once, clause, actor=actor, now=now)
    _tell_head([notice for notice in notices if notice.again], actor=actor, now=now)
    ids = [notice.pk for notice in notices]
    transaction.on_commit(lambda: papers.wake(1, correction_ids=ids), robust=True)
    return notices


def _write_items(notices: list[CorrectionNotice], once: Once, clause, *, actor, now) -> None:
    papers = _current_papers([notice.application_id for notice in notices if notice.application_id])
    rows = [
        CorrectionItem(
            notice=notice,
            position=place,
            material=item.material,
            field=item.field,
            label=_named(item, notice)[:60],
            text=item.text,
            ask=item.ask or _asked(item, notice),
            clause=item.clause or clause(notice),
            again=item.again,
            again_reason=once.reason_words(item.again),
            was_id=papers.get((notice.application_id, item.material)),
        )
        for notice in notices
        for place, item in enumerate(once.items_of(notice.application_id or notice.applicant_id), 1)
    ]
    bulk_create_with_history(rows, CorrectionItem, default_user=actor, default_date=now)


def _named(item: Item, notice: CorrectionNotice) -> str:
    """Papers are asked of exam applications; what is asked of a licence application names a column."""
    return item.named(notice.application.person.document_type) if notice.application_id else item.label


def _asked(item: Item, notice: CorrectionNotice) -> str:
    if item.material:
        return f"重新提交{_named(item, notice)}"
    return f"更正“{item.field}”" if item.field else "书面说明或者相应材料"


def _current_papers(application_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    rows = Material.objects.filter(application__in=list(application_ids), replaced_at__isnull=True)
    return {(application, kind): pk for pk, application, kind in rows.values_list("pk", "application", "kind")}


def _clauses(applications: Sequence[ExamApplication]) -> dict[int, str]:
    """By which clause each must hold its papers: application id → clause. One query."""
    editions = RuleEdition.objects.in_bulk({row.rule_edition_id for row in applications})
    return {
        row.pk: paper_standards.materials_rule(row.kind, editions[row.rule_edition_id]).clause for row in applications
    }


def _due_days(applications: Sequence[ExamApplication]) -> dict[int, date]:
    """The day of the tier that returned each, where one is counted and binding."""
    by_rule: dict[str, list[ExamApplication]] = defaultdict(list)
    for row in applications:
        by_rule[obligations.review_rule(row, row.returned_from)].append(row)
    found = [one for rule, rows in by_rule.items() if rule for one in ledger.find_all(rule, rows).values()]
    return {row.subject_id: row.due_on for row in found}


def _facts_now(notices: list[CorrectionNotice], subjects: Sequence[Model], day: date) -> dict[int, snapshots.Facts]:
    sent = {row.pk: row.sent for row in subjects if isinstance(row, LicenceApplicant)}
    ids = [notice.application_id for notice in notices if notice.application_id]
    said = snapshots.of_applications(ids) if ids else {}
    return {
        notice.pk: said[notice.application_id]
        if notice.application_id
        else snapshots.of_sent(sent[notice.applicant_id], day)
        for notice in notices
    }


def _fresh():
    """The paper of an item's kind that came in after its notice and stands now."""
    return Material.objects.filter(
        application=OuterRef("notice__application"),
        kind=OuterRef("material"),
        replaced_at__isnull=True,
        submitted_at__gte=OuterRef("notice__made_at"),
        pk__gt=Coalesce(OuterRef("was"), 0),
    )


def _settle_papers(notices: list[CorrectionNotice], *, actor, now) -> None:
    """A paper may have been replaced once more since its item was answered: the one that stands is the answer."""
    answered = CorrectionItem.objects.filter(notice__in=notices, answer=CorrectionItem.Answer.PAPER).exclude(
        material=""
    )
    items = list(answered.annotate(stands=Subquery(_fresh().values("pk")[:1])))
    for item in items:
        item.paper_id = item.stands
    if items:
        bulk.change(items, ["paper"], actor=actor, at=now, reason="补正后提交")


def _tell_head(notices: list[CorrectionNotice], *, actor, now) -> None:
    """The head of the tier sees that somebody was asked a second time."""
    if not notices:
        return
    organisation: Organisation = actor.organisation
    first, many = notices[0], len(notices) > 1
    named = f"{len(notices)}份" if many else first.number
    notify_role(
        offices.head(organisation),
        organisation,
        title=f"再次补正通知：{named}",
        body="再次要求补正须有理由，请核对每项的理由。",
        url=f"{reverse('approvals:corrections')}?again=yes" if many else url_of(first),
        about=_cases(notices),
        now=now,
    )


def _cases(notices: list[CorrectionNotice]) -> list[Cases]:
    applications = [row.application_id for row in notices if row.application_id]
    applicants = [row.applicant_id for row in notices if row.applicant_id]
    return [Cases(ExamApplication, applications), Cases(LicenceApplicant, applicants)]


def _unanswered(number: str, labels: list[str]) -> Refusal:
    return Refusal(
        f"补正通知书{number}还有{len(labels)}项没有答复：{'、'.join(labels)}。",
        code="not_answered",
        clause="规则 3.2",
        advice="请逐项提交新材料、作出说明，或者写明不适用的理由。",
    )
