"""What a missed deadline does to an exam application (rules 2.5). Nothing is ever approved because time ran out.

That it was missed is told by the reminders; here only what became of the application is told, by name.
Registered with the sweep, which calls each once per breached deadline, inside that case's transaction.
"""

from datetime import datetime

from django.urls import reverse

from certification.deadlines import consequences, ledger
from certification.deadlines.models import Deadline
from certification.notices.sending import notify_role
from certification.organisations.models import OrganisationKind, User
from certification.organisations.roles import Role
from certification.workflow import lock, log
from exams.applications import obligations
from exams.models import Candidate, ExamApplication
from exams.sessions.listing import is_renewal, leave_session, take_off_admission
from exams.states import IN_SESSION, CandidateState
from exams.states import ApplicationState as A

NOT_REVIEWED = "审核未在时限内完成，不予准考，转入下一场次"
NOT_ANSWERED = "补正未在退回单位的时限内答复，转入下一场次"
NO_HOURS_PROOF = "学时证明未在开考前1个工作日提供"


def register() -> None:
    """Tell the sweep; called when the app is ready."""
    consequences.register(obligations.MATERIALS_INITIAL, materials_missed)
    consequences.register(obligations.MATERIALS_RENEWAL, materials_missed)
    consequences.register(obligations.PRELIMINARY_REVIEW, city_review_missed)
    consequences.register(obligations.CITY_REVIEW_REPORT, city_review_missed)
    consequences.register(obligations.FINAL_REVIEW, provincial_review_missed)
    consequences.register(obligations.DIRECT_REVIEW, provincial_review_missed)
    consequences.register(obligations.HOURS_PROOF, hours_proof_missed)


def materials_missed(deadline: Deadline, now: datetime) -> None:
    """A draft that was not submitted in time does not go to the session that it named; everything in it is kept."""
    application = _locked(deadline)
    if application is None or application.state != A.DRAFT:
        return
    application.wished_session = None
    application.save(update_fields=["wished_session"])
    log([application], "materials_missed", actor=User.objects.system(), now=now, reason=str(deadline.rule))
    advice = "复审、换证应在开班当日前申报；确需补报的，请联系省厅考试中心。"
    if not is_renewal(application):
        advice = "请改选后续场次。"
    _tell_institution(application, f"考试申报逾期未提交：{application.person}", f"申报和材料已保留。{advice}", now)


def city_review_missed(deadline: Deadline, now: datetime) -> None:
    """City and province are warned, by the reminders; the city may still send the result, marked late. What the city
    returned and nobody answered by its day waits for the next session (rules 2.8)."""
    application = _locked(deadline)
    if application is not None and application.state == A.RETURNED:
        _unanswered(deadline, application, now)


def provincial_review_missed(deadline: Deadline, now: datetime) -> None:
    """Who is not cleared is not admitted and carries over; city and institution are told."""
    application = _locked(deadline)
    if application is None or application.state in (A.CLEARED, A.REFUSED, A.WITHDRAWN):
        return
    if application.state == A.RETURNED:
        _unanswered(deadline, application, now)
        return
    _carry_over(application, NOT_REVIEWED, now)
    title = f"审核逾期，转入待安排：{application.person}（{application.job_type}）"
    _tell_institution(application, title, NOT_REVIEWED, now)
    if application.organiser.kind == OrganisationKind.CITY_BUREAU:
        told = {"title": title, "body": NOT_REVIEWED, "url": _url(application), "now": now}
        for role in (Role.CITY_EXAM_OFFICER, Role.CITY_REVIEWER):
            notify_role(role, application.organiser, about=application, **told)


def hours_proof_missed(deadline: Deadline, now: datetime) -> None:
    """A candidate admitted on condition is taken off the admission list, the ticket no longer holds."""
    application = _locked(deadline)
    if application is None or application.hours_confirmed_at is not None:
        return
    admitted = Candidate.objects.filter(application=application, state=CandidateState.ADMITTED)
    take_off_admission(lock(admitted), actor=User.objects.system(), now=now, reason=NO_HOURS_PROOF)
    _tell_institution(application, f"取消准考：{application.person}", NO_HOURS_PROOF, now)


def _unanswered(deadline: Deadline, application: ExamApplication, now: datetime) -> None:
    """The tier that returned it did its part: the delay is the institution's."""
    ledger.hand_over(deadline, to=application.institution, now=now, reason=NOT_ANSWERED)
    _carry_over(application, NOT_ANSWERED, now)


def _carry_over(application: ExamApplication, reason: str, now: datetime) -> None:
    places = lock(Candidate.objects.filter(application=application, state__in=IN_SESSION))
    leave_session("move", places, actor=User.objects.system(), now=now, reason=reason)


def _locked(deadline: Deadline) -> ExamApplication | None:
    found = lock(ExamApplication.objects.with_case().filter(pk=deadline.subject_id))
    return found[0] if found else None


def _tell_institution(application: ExamApplication, title: str, body: str, now: datetime) -> None:
    told = {"title": title, "body": body, "url": _url(application), "now": now}
    notify_role(Role.INSTITUTION_FILER, application.institution, about=application, **told)


def _url(application: ExamApplication) -> str:
    return reverse("exams:application_detail", args=[application.pk])
