"""Taking a correction notice back: its own tier may, until it is answered; the case goes back to where it was, its
clocks run as if nothing had been asked, and whoever received the notice is told.
"""

from approvals.cases import take_one
from approvals.corrections import correcting
from approvals.licences.acceptance import ACTION as ACCEPT
from approvals.licences.licensing import APPLICANT_RELATED, open_clocks
from approvals.models import ACCEPTANCE_STAGE, CorrectionNotice, LicenceApplicant, Stage
from approvals.reviews.stages import STEPS
from approvals.states import LICENCE, NOTICE
from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import access, offices, separation
from certification.organisations.access import may
from certification.organisations.roles import Role
from certification.refusals import Incomplete, Problem
from certification.workflow import activity, apply_one, lock
from exams.applications.reviewing import RECALLS, move
from exams.models import ExamApplication
from exams.states import ApplicationState


@activity
def withdraw(*, actor, now, notice_id: int, reason: str) -> CorrectionNotice:
    """Take the notice back with a reason.

    An application returns to the review that it was in: its day ran on meanwhile, and a place in a session that was
    lost when that day passed is not given back. A licence application is again received on its first day, so that the
    days of acceptance and decision count from there. Raises NotPermitted, SeparationBreach, DoesNotExist, Incomplete,
    WrongState where it was answered, withdrawn or ended meanwhile.
    """
    notice = CorrectionNotice.objects.visible_to(actor).get(pk=notice_id)
    access.require(actor, action_of(notice))
    access.require_own(actor, notice.organisation_id)
    reason = reason.strip()
    if not reason:
        raise Incomplete([Problem("请写明撤回补正通知的理由。", code="required", field="reason")])
    subject = _locked_subject(notice, actor)
    (notice,) = lock(CorrectionNotice.objects.filter(pk=notice.pk))

    def change(row: CorrectionNotice) -> None:
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = actor, now, reason

    fields = ("withdrawn_by", "withdrawn_at", "withdrawn_reason")
    apply_one(NOTICE, "withdraw", notice, actor=actor, now=now, reason=reason, change=change, fields=fields)
    _put_back(subject, actor=actor, now=now, reason=reason)
    _tell(notice, subject, reason, now=now)
    return notice


def action_of(notice: CorrectionNotice) -> str:
    """The right that whoever made the notice used, and whoever takes it back needs."""
    return ACCEPT if notice.stage == ACCEPTANCE_STAGE else STEPS[Stage(notice.stage)].action


def may_withdraw(user, notice: CorrectionNotice) -> bool:
    """Whether pages offer it: open, of the user's own tier, with the right of that step."""
    own = notice.organisation_id == user.organisation_id
    return own and NOTICE.allows("withdraw", notice.state) and may(user, action_of(notice))


def _locked_subject(notice: CorrectionNotice, actor) -> ExamApplication | LicenceApplicant:
    if notice.applicant_id:
        return take_one(LicenceApplicant.objects.select_related(*APPLICANT_RELATED), actor, notice.applicant_id)
    application = take_one(
        ExamApplication.objects.select_related("person", "job_type", "institution"), actor, notice.application_id
    )
    separation.require(actor, STEPS[Stage(notice.stage)].capacity, application)
    return application


def _put_back(subject: ExamApplication | LicenceApplicant, *, actor, now, reason: str) -> None:
    if isinstance(subject, LicenceApplicant):
        apply_one(LICENCE, "withdraw_correction", subject, actor=actor, now=now, reason=reason)
        open_clocks([subject], received_on=lambda row: clock.day_of(row.received_at), now=now)
        return
    name = RECALLS[ApplicationState(subject.returned_from)]
    (result,) = move(name, [subject], actor=actor, now=now, reason=reason)
    if result.refusal:
        raise result.refusal


def _tell(notice: CorrectionNotice, subject: ExamApplication | LicenceApplicant, reason: str, *, now) -> None:
    addressee, role = notice.addressee, Role.INSTITUTION_FILER
    if isinstance(subject, LicenceApplicant):
        role = offices.exam_officer(addressee)
    notify_role(
        role,
        addressee,
        title=f"补正通知已撤回：{notice.person.name}（{notice.number}）",
        body=f"理由：{reason}\n不必再答复，申报按原材料继续审核。",
        url=correcting.url_of(notice),
        about=subject,
        now=now,
    )
