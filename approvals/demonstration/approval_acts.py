"""What both tiers do with a class of the demonstration: reviews, results, licences, decisions, cards, the dossier."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from approvals.certificates import blanks, cards
from approvals.corrections import withdrawing
from approvals.corrections.once import Item
from approvals.demonstration.cases import Case
from approvals.demonstration.exam_acts import candidates
from approvals.dossiers import sealing
from approvals.licences import (
    acceptance,
    approving,
    confirming,
    deciding,
    licensing,
    not_accepting,
    serving,
    withdrawals,
)
from approvals.models import (
    CardRequest,
    Decision,
    DecisionOutcome,
    DecisionProposal,
    Dossier,
    LicenceApplicant,
    Outcome,
    Stage,
)
from approvals.reviews import preparing, recording
from approvals.reviews.stages import route
from approvals.states import CardState, LicenceState
from approvals.takeovers import taking_over
from certification.organisations.models import User
from certification.workflow import Result as Made
from exams.applications import applying
from exams.materials import specimens
from exams.models import ExamApplication, Part, Result
from exams.scores import results
from exams.states import UNDER_REVIEW, WITH_CITY, ApplicationState, CandidateState

_PASSING, _FAILING = (82, 98), (52, 76)
_SHARES = {"K1": 20, "K2": 40, "K3": 20, "K4": 20}


def first_review(case: Case, now) -> None:
    """``returned`` sends the first back (who withdraws with ``gave_up``), ``unfit`` refuses the second (or proposes
    it), the rest passes. With ``prepared`` the opinions are there, the last two are still to be read, and nothing was
    handed over."""
    waiting = _in(case, *UNDER_REVIEW)
    returned, unfit, rest = _parted(case, waiting)
    actor, stage = _first_reviewer(case), _first_stage(case)
    items = [{"material": "IDENTITY_CARD", "text": "身份证照片反光，有效期看不清。"}]
    if returned:
        reason = "身份证材料无法核对。"
        _prepare(actor, now, returned, stage, Outcome.RETURN, reason=reason, items=items)
    if returned and "reissued" in case.story.twists:
        _issue_anew(actor, now, returned, stage, items)
    if unfit:
        refusal = Outcome.REFUSE if stage == Stage.DIRECT else Outcome.PROPOSE_REFUSAL
        _prepare(actor, now, unfit, stage, refusal, reason="健康承诺书非本人签署，经核实本人患有眩晕症。")
    if "prepared" in case.story.twists:
        _prepare(actor, now, rest[:-2], stage, Outcome.PASS, conditional=not case.initial)
        return
    _prepare(actor, now, rest, stage, Outcome.PASS, conditional=not case.initial)
    preparing.hand_over(actor=actor, now=now, application_ids=[row.pk for row in waiting])
    if returned and "gave_up" in case.story.twists:
        ids, why = [application.pk for application in returned], "本人放弃，不再补正。"
        applying.withdraw_applications(actor=case.cast.filer, now=now, application_ids=ids, reason=why)


def _issue_anew(actor, now, returned, stage, items) -> None:
    """The notice left something out: it is taken back and told again, with the reason for what is new in it."""
    preparing.hand_over(actor=actor, now=now, application_ids=[row.pk for row in returned])
    for application in returned:
        (notice,) = application.notices.filter(state="OPEN")
        why = "漏列健康承诺书签名不清的问题。"
        withdrawing.withdraw(actor=actor, now=now, notice_id=notice.pk, reason=why)
    added = {"material": "HEALTH_COMMITMENT", "text": "签名不清，无法辨认。", "again": "REISSUED"}
    _prepare(actor, now, returned, stage, Outcome.RETURN, reason="更正后重新告知。", items=[*items, added])


def second_review(case: Case, now) -> None:
    """What came back corrected is passed on; after that nothing waits at the first tier."""
    waiting = _in(case, *(state for state in UNDER_REVIEW if state != ApplicationState.FINAL_REVIEW))
    if waiting:
        actor = _first_reviewer(case)
        _prepare(actor, now, waiting, _first_stage(case), Outcome.PASS, conditional=not case.initial)
        preparing.hand_over(actor=actor, now=now, application_ids=[row.pk for row in waiting])


def take_over(case: Case, now) -> None:
    """All but the last, whom the city may still review late."""
    reason = "设区市审核人员不足，临近考试仍未初审，由省厅考试中心审核。"
    ids = [row.pk for row in _in(case, *WITH_CITY)[:-1]]
    succeeded(taking_over.take_over(actor=case.cast.province("fuze"), now=now, application_ids=ids, reason=reason))


def review_taken_over(case: Case, now) -> None:
    """One in the city's place; who reviews finally is somebody else."""
    actor, first = case.cast.province("shenhe2"), _in(case, ApplicationState.TAKEN_OVER)[:1]
    _prepare(actor, now, first, Stage.TAKEN_OVER, Outcome.PASS)
    preparing.hand_over(actor=actor, now=now, application_ids=[row.pk for row in first])


def final_review(case: Case, now) -> None:
    """``sent_back`` returns the first to the city; ``unfit`` refuses the second."""
    waiting = _in(case, ApplicationState.FINAL_REVIEW)
    _returned, unfit, rest = _parted(case, waiting)
    actor = case.cast.province("shenhe")
    if "sent_back" in case.story.twists:
        back, rest = rest[:1], rest[1:]
        _prepare(actor, now, back, Stage.FINAL, Outcome.RETURN_TO_CITY, reason="毕业证书与填写的学历不一致，请核实。")
    if unfit:
        _prepare(actor, now, unfit, Stage.FINAL, Outcome.REFUSE, reason="不符合身体条件（眩晕症），同意初审意见。")
    _prepare(actor, now, rest, Stage.FINAL, Outcome.PASS)
    if waiting:
        preparing.hand_over(actor=actor, now=now, application_ids=[row.pk for row in waiting])


def object_to(case: Case, now) -> None:
    if "objection" in case.story.twists:
        ids = [row.pk for row in _in(case, ApplicationState.CLEARED)[:1]]
        reason = "原操作证复审日期与登记不一致，请核实。"
        recording.object_to(actor=case.cast.province("shenhe"), now=now, application_ids=ids, reason=reason)


def record_province(case: Case, now) -> None:
    ids = [row.pk for row in _in(case, ApplicationState.CLEARED)]
    recording.record_provincial_review(actor=case.cast.province("shenhe"), now=now, application_ids=ids)


def enter_theory(case: Case, now) -> None:
    _enter(case, Part.THEORY, now)


def enter_practical(case: Case, now) -> None:
    _enter(case, Part.PRACTICAL, now)


def check_theory(case: Case, now) -> None:
    _check(case, Part.THEORY, now)


def check_practical(case: Case, now) -> None:
    _check(case, Part.PRACTICAL, now)


def release(case: Case, now) -> None:
    results.release_results(actor=case.cast.organiser("fuhe"), now=now, session_id=case.session_id)


def prepare(case: Case, now) -> None:
    batch = licensing.prepare(actor=case.cast.organiser("kaowu"), now=now, session_id=case.session_id)
    case.batch_id = batch.pk


def submit(case: Case, now) -> None:
    number = f"AQKS{now:%Y%m%d}{case.batch_id:05d}"
    licensing.submit(actor=case.cast.organiser("kaowu"), now=now, batch_id=case.batch_id, receipt_number=number)


def accept(case: Case, now) -> None:
    """With ``correction`` the first person's application is to be corrected, with ``not_accepted`` it is not accepted;
    the others are."""
    waiting = applicants(case, LicenceState.SUBMITTED)
    actor = case.cast.province("shouli")
    if "correction" in case.story.twists:
        first, waiting = waiting[:1], waiting[1:]
        item = Item("", "照片底色不符合平台要求。", field="照片文件名", ask="更换照片后重新报送")
        acceptance.ask_correction(actor=actor, now=now, applicant_ids=first, items=[item])
    if "not_accepted" in case.story.twists:
        first, *waiting = waiting
        not_accepting.not_accept(
            actor=actor,
            now=now,
            applicant_id=first,
            ground="FALSE",
            facts="报送的照片经比对与身份证照片不是同一人，经询问，系本人找他人代照。",
            reasons="隐瞒有关情况，提供虚假材料申请许可。",
        )
    acceptance.accept(actor=actor, now=now, applicant_ids=waiting)


def withdraw_licence(case: Case, now) -> None:
    """The first person thinks better of it, in writing."""
    withdrawals.withdraw(
        actor=case.cast.organiser("kaowu"),
        now=now,
        applicant_id=applicants(case, LicenceState.ACCEPTED)[0],
        asked_on=now.date(),
        reason="本人已转岗，不再从事该作业。",
        file=("撤回申请.jpg", specimens.scan("撤回申请", f"{now:%Y-%m-%d}")),
    )


def reconcile(case: Case, now) -> None:
    ids = applicants(case, LicenceState.ACCEPTED)
    acceptance.reconcile(actor=case.cast.province("shouli"), now=now, applicant_ids=ids)


def decide(case: Case, now) -> None:
    """With ``licence_refused`` the first is refused, once the draft was sent back and written again; with
    ``licence_drafted`` it waits for a second official, after another draft that was taken back."""
    waiting = applicants(case, LicenceState.RECONCILED)
    actor, second = case.cast.province("shenpi"), case.cast.province("shenpi2")
    if "licence_refused" in case.story.twists:
        first, *waiting = waiting
        vague = _draft(actor, now, first, "提供虚假材料。", facts="申请人提交的学历证书有疑问。")
        opinion = "请写明向哪个学校核查、结果如何。"
        succeeded(confirming.send_back(actor=second, now=now, proposal_ids=[vague.pk], opinion=opinion))
        facts = "申请人提交的学历证书经核查与发证学校登记不符。"
        draft = _draft(actor, now, first, "提供虚假材料，不符合许可条件。", facts=facts)
        succeeded(confirming.approve(actor=second, now=now, proposal_ids=[draft.pk], opinion="事实清楚，同意。"))
    if "licence_drafted" in case.story.twists:
        first, *waiting = waiting
        facts = "申请人提交的工作经历证明经用人单位核实并不存在。"
        hasty = _draft(actor, now, first, "提供虚假材料，不符合许可条件。", facts=facts)
        succeeded(approving.withdraw(actor=actor, now=now, proposal_ids=[hasty.pk]))
        _draft(actor, now, first, "隐瞒有关情况，不符合许可条件。", facts=facts)
    deciding.grant(actor=actor, now=now, applicant_ids=waiting)


def serve(case: Case, now) -> None:
    decisions = _decisions(case).filter(served_at__isnull=True)
    serving.serve(
        actor=case.cast.province("shouli"),
        now=now,
        decision_ids=list(decisions.values_list("pk", flat=True)),
        method=Decision.ServiceMethod.THROUGH_INSTITUTION,
        evidence=f"送达回证 SD-{now:%Y%m%d}，{case.cast.filer.organisation.short_name}签收后转交。",
    )


def request_cards(case: Case, now) -> None:
    """The first three who hold a certificate ask for a card; the third thinks better of it."""
    clerk = _clerk(case)
    granted = _decisions(case).filter(outcome=DecisionOutcome.GRANTED).order_by("pk")
    for certificate_id in granted.values_list("certificate", flat=True)[:3]:
        request = cards.request_card(actor=clerk, now=now, certificate_id=certificate_id)
    cards.cancel_card(actor=clerk, now=now, request_id=request.pk, reason="本人改用电子证书。")


def print_card(case: Case, now) -> None:
    request = _cards(case, CardState.REQUESTED)[0]
    number = blanks.next_number(request.window)
    cards.print_card(actor=_clerk(case), now=now, request_id=request.pk, card_number=number)


def hand_over(case: Case, now) -> None:
    for request in _cards(case, CardState.PRINTED):
        number = request.certificate.person.document_number
        cards.hand_over(actor=_clerk(case), now=now, request_id=request.pk, document_number=number)


def seal(case: Case, now) -> None:
    dossier = Dossier.objects.get(session=case.session_id)
    sealing.seal(actor=case.cast.organiser("kaowu"), now=now, dossier_id=dossier.pk)


def _first_reviewer(case: Case) -> User:
    return case.cast.organiser("shenhe")


def _first_stage(case: Case) -> Stage:
    return route(case.category, case.story.kind)[0]


def _in(case: Case, *states: str) -> list[ExamApplication]:
    return list(ExamApplication.objects.filter(pk__in=case.application_ids, state__in=states).order_by("pk"))


def _parted(case: Case, waiting: list[ExamApplication]) -> tuple[list, list, list]:
    """Those to return (the case's first), those who are unfit (its second), the rest."""
    twists, first, second = case.story.twists, case.application_ids[0], case.application_ids[1]
    returned = [row for row in waiting if "returned" in twists and row.pk == first]
    unfit = [row for row in waiting if "unfit" in twists and row.pk == second]
    return returned, unfit, [row for row in waiting if row not in returned and row not in unfit]


def _prepare(actor: User, now, applications, stage: Stage, outcome: Outcome, **opinion) -> None:
    ids = [row.pk for row in applications]
    succeeded(preparing.prepare(actor=actor, now=now, application_ids=ids, stage=stage, outcome=outcome, **opinion))


def succeeded(results: Iterable[Made]) -> None:
    """Raise the first refusal: what a story plays has to work for everybody in it."""
    for result in results:
        if result.refusal:
            raise result.refusal


def _draft(actor: User, now, applicant_id: int, reasons: str, *, facts: str) -> DecisionProposal:
    """A refusal that another official has to confirm."""
    basis = "《中华人民共和国行政许可法》第三十一条、第七十八条。"
    return deciding.refuse(actor=actor, now=now, applicant_id=applicant_id, facts=facts, basis=basis, reasons=reasons)


def _enter(case: Case, part: Part, now) -> None:
    """With ``failed`` the third fails the part that comes last for the kind; with ``absent`` the last is absent."""
    last_part = Part.PRACTICAL if case.initial else Part.THEORY
    sitting = [row for row in candidates(case) if row.state == CandidateState.ADMITTED]
    if part == Part.PRACTICAL:
        passed = Result.objects.filter(candidate__session=case.session_id, part=Part.THEORY, passed=True)
        passed = set(passed.values_list("candidate", flat=True))
        sitting = [row for row in sitting if row.pk in passed]
    rows = []
    for place, candidate in enumerate(sitting):
        fails = "failed" in case.story.twists and place == 2 and part == last_part
        absent = "absent" in case.story.twists and place == len(sitting) - 1 and part == Part.THEORY
        rows.append(_result(candidate.pk, part, fails=fails, absent=absent))
    clerk = case.cast.organiser("luru")
    results.enter_results(actor=clerk, now=now, session_id=case.session_id, part=part, rows=rows)


def _result(candidate_id: int, part: Part, *, fails: bool, absent: bool) -> results.Row:
    if absent:
        return results.Row(candidate_id, absent=True)
    score = Random(candidate_id).randint(*(_FAILING if fails else _PASSING))
    if part == Part.THEORY:
        return results.Row(candidate_id, score=Decimal(score))
    lost = 100 - score
    subscores = {subject: Decimal(points) - Decimal(lost * points) / 100 for subject, points in _SHARES.items()}
    return results.Row(candidate_id, score=sum(subscores.values()), subscores=subscores)


def _check(case: Case, part: Part, now) -> None:
    results.check_results(actor=case.cast.organiser("fuhe"), now=now, session_id=case.session_id, part=part)


def applicants(case: Case, state: LicenceState) -> list[int]:
    """The people of the case's licence application in ``state``: their ids, in order."""
    rows = LicenceApplicant.objects.filter(batch=case.batch_id, state=state).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _decisions(case: Case):
    return Decision.objects.filter(applicant__batch=case.batch_id)


def _cards(case: Case, state: CardState) -> list[CardRequest]:
    rows = CardRequest.objects.filter(applicant__batch=case.batch_id, state=state)
    return list(rows.select_related("certificate__person", "window").order_by("pk"))


def _clerk(case: Case) -> User:
    """The window of the organising city; for Category 1 that of the provincial hall."""
    return case.cast.users[case.cast.window]
