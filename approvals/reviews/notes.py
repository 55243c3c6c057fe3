"""内部备注 among the office and 消息 to the filer of a case: two things, kept apart."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from approvals.cases import take_one
from approvals.models import CaseMessage, InternalNote
from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.models import OrganisationKind, User
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from exams.models import ExamApplication

READ = "approvals.read_notes"
WRITE = "approvals.write_on_cases"
# Steps in the log: a message stands among the steps of its case, a note only with itself.
MESSAGE, NOTE = "message_filer", "write_note"


@dataclass(frozen=True)
class NotesRule:
    """The rule review.notes: which tier reads the other's notes. Everybody reads those of the own organisation."""

    province_reads_city: bool
    city_reads_province: bool


def rule(day: date) -> NotesRule:
    """The rule as it is in force on ``day``."""
    return NotesRule(**lookup.values("review", "notes", day))


def readable(application: ExamApplication, user: User) -> QuerySet[InternalNote]:
    """The notes on a case that ``user`` (who sees the case) may read, oldest first; none for the institution."""
    notes = application.notes.select_related("author__person", "on_behalf_of__person", "organisation")
    if not may(user, READ):
        return notes.none()
    found = rule(clock.today())
    if user.organisation.kind == OrganisationKind.PROVINCIAL_CENTRE:
        auditor = Role.AUDITOR in user.roles_on(clock.today())
        return notes if auditor or found.province_reads_city else notes.filter(organisation=user.organisation_id)
    own = notes.filter(organisation=user.organisation_id)
    provincial = notes.filter(organisation__kind=OrganisationKind.PROVINCIAL_CENTRE)
    return own | provincial if found.city_reads_province else own


def messages_of(application: ExamApplication) -> QuerySet[CaseMessage]:
    """What the filer was told on a case, oldest first."""
    return application.messages.select_related(
        "author__person", "on_behalf_of__person", "organisation", "seen_by__person"
    )


@activity
def write_note(*, actor, now, application_id: int, text: str) -> InternalNote:
    """Leave a note on a case for the office. Who has to keep away from the case does not advise on it either.

    Raises NotPermitted, SeparationBreach, Incomplete, DoesNotExist.
    """
    application = _case(actor, application_id, text)
    separation.require(actor, Capacity.NOTES, application)
    note = InternalNote.objects.create(**_written(application, text, actor=actor, now=now))
    log([note], NOTE, actor=actor, now=now)
    return note


@activity
def send_message(*, actor, now, application_id: int, text: str) -> CaseMessage:
    """Tell the filer something about a case: into their inbox, and kept with the case.

    Raises NotPermitted, SeparationBreach, Incomplete, DoesNotExist.
    """
    application = _case(actor, application_id, text)
    separation.require(actor, Capacity.NOTES, application)
    message = CaseMessage(**_written(application, text, actor=actor, now=now))
    message._history_date = now
    message.save(force_insert=True)
    log([application], MESSAGE, actor=actor, now=now, reason=message.text)
    notify_role(
        Role.INSTITUTION_FILER,
        application.institution,
        title=f"{application.person.name}（{application.number}）：{actor.organisation.short_name}的消息",
        body=message.text,
        url=reverse("approvals:message", args=[message.pk]),
        about=application,
        now=now,
    )
    return message


@activity
def open_message(*, actor, now, message_id: int) -> CaseMessage:
    """The message as ``actor`` opens it; the first time that somebody of the institution does is kept.

    Raises DoesNotExist where it is not theirs to see.
    """
    (message,) = lock(
        CaseMessage.objects.visible_to(actor)
        .filter(pk=message_id)
        .select_related("application__person", "organisation")
    ) or [None]
    if message is None:
        raise CaseMessage.DoesNotExist
    if message.seen_at is None and actor.organisation_id == message.application.institution_id:
        message.seen_at, message.seen_by = now, actor
        message._history_date = now
        message.save(update_fields=["seen_at", "seen_by"])
    return message


def _case(actor, application_id: int, text: str) -> ExamApplication:
    access.require(actor, WRITE)
    application = take_one(ExamApplication.objects.select_related("person", "institution"), actor, application_id)
    if not text.strip():
        raise Incomplete([Problem("请填写内容。", code="required", field="text")])
    return application


def _written(application: ExamApplication, text: str, *, actor, now) -> dict:
    """What note and message keep alike."""
    return {
        "application": application,
        "organisation_id": actor.organisation_id,
        "author": actor,
        "on_behalf_of": actor.acting_for,
        "text": text.strip(),
        "at": now,
    }
