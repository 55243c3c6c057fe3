"""Clocks of decisions in the demonstration: standing still, gone on again, extended, or not."""

from approvals.clocks import extending, pausing
from approvals.demonstration.approval_acts import applicants
from approvals.demonstration.cases import Case
from approvals.models import ExtensionProposal
from approvals.states import LicenceState
from certification.deadlines.models import Pause
from certification.workdays import calendars

# Everything at once, one person each; one hearing that lasts longer than it should; one proposal that came too late.
EVERYTHING, HEARING, OVERTAKEN = "clocks", "hearing", "overtaken"
TWISTS = {EVERYTHING, HEARING, OVERTAKEN}
STEPS = ("pause", "propose", "resume", "extension")


def pause(case: Case, now) -> None:
    """The first person's hearing lasts, the second person's appraisal ends with ``resume``."""
    waiting = _waiting(case)
    if EVERYTHING in case.story.twists:
        _pause(case, now, waiting[:1], Pause.Kind.HEARING, "申请人对拟作出的决定要求听证。", days=10)
        _pause(case, now, waiting[1:2], Pause.Kind.EXPERT_APPRAISAL, "学历证书真伪需要专家鉴定。", days=2)
    elif HEARING in case.story.twists:
        _pause(case, now, waiting[:1], Pause.Kind.HEARING, "利害关系人对学时记录提出异议，要求听证。", days=3)


def resume(case: Case, now) -> None:
    if EVERYTHING in case.story.twists:
        pausing.resume(
            actor=case.cast.province("shenpi"),
            now=now,
            applicant_ids=_waiting(case)[1:2],
            last_day=now.date(),
            outcome="鉴定意见：学历证书真实有效。",
        )


def propose(case: Case, now) -> None:
    """Of four people's proposals one is approved, one declined, one taken back; one waits."""
    wanted = _waiting(case)[2:6] if EVERYTHING in case.story.twists else []
    if OVERTAKEN in case.story.twists:
        wanted = _waiting(case)[1:2]
    if wanted:
        extending.propose(
            actor=case.cast.province("shenpi"),
            now=now,
            applicant_ids=wanted,
            reason="需要向外省发证机关核实原证书，二十个工作日内难以办结。",
        )


def extension(case: Case, now) -> None:
    if EVERYTHING not in case.story.twists:
        return
    rows = ExtensionProposal.objects.filter(applicant__batch=case.batch_id).order_by("pk")
    approved, declined, withdrawn, *_waits = rows.values_list("pk", flat=True)
    head = case.cast.province("fuze")
    extending.approve(actor=head, now=now, proposal_ids=[approved], reason="情况属实，同意延长。")
    extending.decline(actor=head, now=now, proposal_ids=[declined], reason="原证书可以在本省登记中核实，不予延长。")
    extending.withdraw(actor=case.cast.province("shenpi"), now=now, proposal_id=withdrawn)


def _waiting(case: Case) -> list[int]:
    return applicants(case, LicenceState.RECONCILED)


def _pause(case: Case, now, ids: list[int], kind: Pause.Kind, reason: str, *, days: int) -> None:
    pausing.pause(
        actor=case.cast.province("shenpi"),
        now=now,
        applicant_ids=ids,
        kind=kind,
        reason=reason,
        expected_on=calendars.current().shift(now.date(), days).date,
    )
