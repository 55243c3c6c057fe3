"""考务人员库: who is qualified for which duty and job types, on what basis, how long (rules 8).

A city keeps its own pool, the provincial centre one for the whole province. Rule values: ``examination.staff_pool``.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from certification.organisations import access
from certification.organisations.models import OrganisationKind, User
from certification.people.models import Person
from certification.refusals import Incomplete, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from exams.models import Duty, ExamSession, ExamSite, StaffQualification

POOL = "exams.staff.pool"


def pooled_duties(day: date) -> list[str]:
    """The duties for which somebody must stand in the pool on ``day``."""
    return lookup.values("examination", "staff_pool", lookup.edition_on(day))["duties"]


def qualified_in(session: ExamSession, duty: str, day: date):
    """A condition on persons: who stands in a pool for ``duty`` and the session's job type on ``day``."""
    keeper = Q(organisation=session.organiser_id) | Q(organisation__kind=OrganisationKind.PROVINCIAL_CENTRE)
    fits = Q(job_types=None) | Q(job_types__code=session.job_type.code)
    entries = StaffQualification.objects.in_force(day).filter(keeper, fits, duty=duty)
    return Exists(entries.filter(person=OuterRef("pk")))


def eligible(organisation_id: int):
    """Whom an organisation may take in: persons of its own accounts and of those who run its sites."""
    accounts = User.objects.filter(
        Q(organisation=organisation_id) | Q(organisation__in=_operators(organisation_id)),
        is_active=True,
        person__isnull=False,
    )
    return Person.objects.filter(pk__in=accounts.values("person")).order_by("name", "pk")


@activity
def admit(
    *,
    actor,
    now,
    person_id: int,
    duty: str,
    job_types=(),
    basis: str,
    title: str = "",
    valid_from: date,
    valid_until: date,
) -> StaffQualification:
    """Take somebody into the pool of the actor's organisation. Raises NotPermitted, Incomplete, WrongState where an
    entry for the duty stands."""
    access.require(actor, POOL)
    problems = [] if basis.strip() else [Problem("请填写证书或聘任文号。", code="required", field="basis")]
    if valid_until < valid_from:
        problems.append(Problem("有效期至不能早于有效期从。", field="valid_until"))
    if duty not in Duty.values:
        problems.append(Problem("请选择职责。", code="required", field="duty"))
    person = eligible(actor.organisation_id).filter(pk=person_id).first()
    if person is None:
        problems.append(Problem("请选择本单位或者所管考试点的人员。", field="person"))
    if problems:
        raise Incomplete(problems, clause="方案四（二）")
    row = StaffQualification(
        organisation=actor.organisation,
        person=person,
        duty=duty,
        basis=basis.strip(),
        title=title.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        added_by=actor,
        added_at=now,
    )
    row._history_user, row._history_date = actor, now
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise WrongState(
            f"{person}已在考务人员库中（{row.get_duty_display()}）。", advice="请先出库，再重新入库。"
        ) from error
    row.job_types.set(job_types)
    log([row], "admit", actor=actor, now=now)
    return row


@activity
def end(*, actor, now, entry_id: int, reason: str) -> StaffQualification:
    """Take somebody out of the pool; duties that are assigned stay and are shown as no longer qualified."""
    access.require(actor, POOL)
    if not reason.strip():
        raise Incomplete([Problem("请填写出库原因。", code="required", field="reason")])
    found = lock(StaffQualification.objects.visible_to(actor).filter(pk=entry_id))
    if not found:
        raise StaffQualification.DoesNotExist
    (row,) = found
    access.require_own(actor, row.organisation_id)
    if row.ended_at is None:
        row.ended_at, row.end_reason = now, reason.strip()[:200]
        row._history_user, row._history_date = actor, now
        row.save(update_fields=["ended_at", "end_reason"])
        log([row], "end", actor=actor, now=now, reason=reason.strip())
    return row


def _operators(organisation_id: int):
    return ExamSite.objects.filter(organiser=organisation_id, operator__isnull=False).values("operator")
