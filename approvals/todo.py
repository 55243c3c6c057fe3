"""What approvals puts on the home page, for each role in its own words."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse

from approvals.dossiers.opening import unsettled
from approvals.licences import approving, platform_return, serving, withdrawals, without_receipt
from approvals.licences.licensing import (
    ACCEPTANCE,
    DECISION,
    DECISION_STATUTORY,
    SERVICE,
    SUBMISSION,
    sessions_to_apply,
)
from approvals.lists import bounded, queue
from approvals.models import (
    BarCase,
    CardRequest,
    Decision,
    DecisionProposal,
    Dossier,
    EndingCase,
    ExtensionProposal,
    LicenceApplicant,
    LicenceApplication,
    Stage,
)
from approvals.reviews import prepared, preparing
from approvals.reviews.stages import Step
from approvals.states import (
    IN_DECISION,
    BarState,
    BatchState,
    CardState,
    DossierState,
    EndingState,
    ExtensionState,
    LicenceState,
    ProposalState,
)
from approvals.takeovers import taken_over, taking_over
from certification import clock
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import Deadline, Pause
from certification.organisations.access import may
from certification.organisations.models import User
from certification.portal.todo import Kind, Provider, Todo, by_right
from certification.rulebook import lookup
from certification.workdays import calendars
from exams.applications import due_days
from exams.models import NO_DATE, ExamApplication, Result
from exams.states import UNDER_REVIEW, ApplicationState, SessionState

SHOWN = 20
HELD = (SessionState.HELD, SessionState.RELEASED)


def _city_reviews(user: User, now: datetime) -> Iterator[Todo]:
    yield from _reviews(user, "approvals.review_city")


def _provincial_reviews(user: User, now: datetime) -> Iterator[Todo]:
    yield from _reviews(user, "approvals.review_province")


def _reviews(user: User, action: str) -> Iterator[Todo]:
    """One line for each review that waits, with the nearest due date."""
    steps = [step for step in queue.steps_of(user) if step.action == action]
    waiting = {step.stage.value: prepared.not_prepared(queue.waiting(user, step)) for step in steps}
    counts = bounded.counts(waiting)
    for step in steps:
        if counts[step.stage.value]:
            url = f"{reverse('approvals:reviews')}?{urlencode({'stage': step.stage})}"
            first = queue.first_deadline(step, waiting[step.stage.value])
            yield Todo(_verb(step), url, deadline=first, count=counts[step.stage.value])


def _to_hand_over(user: User, now: datetime) -> Iterator[Todo]:
    """What the reviewer has prepared: it meets no deadline before it is handed over."""
    mine = preparing.mine_to_hand_over(user).order_by()
    count = mine.count()
    if count:
        applications = ExamApplication.objects.filter(pk__in=mine.values("application"), state__in=UNDER_REVIEW)
        rules = {rule for codes in due_days.RULES.values() for rule in codes}
        first = _first(rules, ExamApplication, applications.order_by())
        yield Todo("移交已拟定的审核意见", reverse("approvals:hand_over"), deadline=first, count=count)


def _verb(step: Step) -> str:
    words = {
        Stage.PRELIMINARY: "初审考试申报",
        Stage.CITY_REVIEW: "审核复审、换证申报",
        Stage.TAKEN_OVER: "提级审核的申报",
        Stage.FINAL: "审核设区市转报的申报",
        Stage.DIRECT: "审核第一类考试申报",
    }
    return words[step.stage]


def _first(rule_codes: Iterable[str], model: type, rows: QuerySet) -> Deadline | None:
    """The nearest open deadline of one of the rules about one of ``rows``."""
    return _unmet(rule_codes, model, rows).first()


def _unmet(rule_codes: Iterable[str], model: type, rows: QuerySet) -> QuerySet[Deadline]:
    """The open deadlines of the rules about ``rows``, the nearest first."""
    return (
        Deadline.objects.unmet()
        .for_display()
        .filter(
            rule__code__in=rule_codes,
            subject_type=ContentType.objects.get_for_model(model),
            subject_id__in=rows.values("pk"),
        )
        .order_by("due_on", "pk")
    )


def _reports(user: User, now: datetime) -> Iterator[Todo]:
    count = bounded.counts({"reported": queue.reported(user)})["reported"]
    if count:
        yield Todo("对设区市审核结果作出省级审核记录", reverse("approvals:reports"), count=count)


def _overdue_in_cities(user: User, now: datetime) -> Iterator[Todo]:
    """What cities have not reviewed by their day: the province may take it over."""
    rows = taken_over.may_be_taken(user, now).exclude(due_on=NO_DATE)
    if count := bounded.counts({"overdue": rows})["overdue"]:
        yield Todo("逾期的市级审核，可以提级审核", reverse("approvals:takeovers"), kind=Kind.WAITING, count=count)


def _forwarded(user: User, now: datetime) -> Iterator[Todo]:
    """What the city waits for: the province's results on what it forwarded."""
    rows = ExamApplication.objects.visible_to(user).filter(
        organiser=user.organisation_id, state=ApplicationState.FINAL_REVIEW
    )
    count = rows.count()
    if count:
        url = f"{reverse('approvals:reviewed')}?stage=PRELIMINARY"
        yield Todo("已转报、等待省级审核结果", url, kind=Kind.WAITING, count=count)


def _sessions(user: User, now: datetime) -> Iterator[Todo]:
    """Sessions whose passed people are in no licence application; due by the internal target after release."""
    sessions = sessions_to_apply(user)[:SHOWN]
    if not sessions:
        return
    released = dict(
        Result.objects.filter(candidate__session__in=sessions, released_at__isnull=False)
        .order_by()
        .values_list("candidate__session")
        .annotate(first=Min("released_at"))
    )
    rule, calendar = deadline_rule(SUBMISSION), calendars.current()
    for session in sessions:
        at = released.get(session.pk)
        due = due_by(rule, clock.day_of(at), calendar) if at else None
        due_on, binding = (due.due_on, not due.provisional) if due else (None, False)
        url = reverse("approvals:licence_prepare", args=[session.pk])
        yield Todo("生成发证许可申请", url, str(session), due_on=due_on, count=session.passed, binding=binding)


def _to_submit(user: User, now: datetime) -> Iterator[Todo]:
    own = LicenceApplication.objects.visible_to(user).filter(organiser=user.organisation_id)
    # One that everybody has left again is not sent.
    someone = LicenceApplicant.objects.filter(batch=OuterRef("pk"))
    prepared = list(own.filter(Exists(someone), state=BatchState.PREPARED).order_by("pk")[:SHOWN])
    people = LicenceApplicant.objects.filter(batch__in=prepared)
    batch_of = dict(people.values_list("pk", "batch"))
    first: dict[int, Deadline] = {}
    for deadline in _unmet([SUBMISSION], LicenceApplicant, people):
        first.setdefault(batch_of[deadline.subject_id], deadline)
    for batch in prepared:
        url = reverse("approvals:licence", args=[batch.pk])
        yield Todo("在平台提交并填写回执号", url, batch.number, deadline=first.get(batch.pk))


def _platform_differences(user: User, now: datetime) -> Iterator[Todo]:
    """Persons without a receipt, or not as they were sent, in the files that came back from the platform."""
    if found := platform_return.waiting(user):
        yield Todo("核实平台返回的差异", f"{reverse('approvals:platform')}#waiting", count=len(found))


def _not_returned(user: User, now: datetime) -> Iterator[Todo]:
    """Persons who were sent, and of whom no file came back: something to do where nobody is decided on without it, else
    to be waited for."""
    if count := without_receipt.not_returned(user).count():
        kind = Kind.TODO if platform_return.file_required(lookup.edition_on(now.date())) else Kind.WAITING
        yield Todo("核对平台返回文件", f"{reverse('approvals:platform')}?show=persons", kind=kind, count=count)


def _to_correct(user: User, now: datetime) -> Iterator[Todo]:
    rows = LicenceApplicant.objects.visible_to(user).filter(batch__organiser=user.organisation_id)
    corrections = (
        rows.filter(state=LicenceState.CORRECTION)
        .order_by()
        .values("batch", "batch__number")
        .annotate(count=Count("pk"))
        .order_by("batch")
    )
    differing = rows.filter(state=LicenceState.ACCEPTED).exclude(differences=[])
    for row in corrections:
        url = f"{reverse('approvals:corrections')}?state=OPEN&stage=ACCEPTANCE"
        yield Todo("补正发证许可申请", url, row["batch__number"], count=row["count"])
    counted = differing.order_by().values("batch", "batch__number").annotate(count=Count("pk")).order_by("batch")
    for row in counted:
        url = reverse("approvals:licence", args=[row["batch"]])
        yield Todo("核实成绩和名单差异", url, row["batch__number"], count=row["count"])


def _dossiers_to_seal(user: User, now: datetime) -> Iterator[Todo]:
    """Open dossiers of sessions that were held and in which nobody waits for anything any more."""
    rows = Dossier.objects.visible_to(user).filter(session__organiser=user.organisation_id, state=DossierState.OPEN)
    held = rows.filter(session__state__in=HELD, session__starts_on__lte=now.date())
    ready = held.exclude(session__in=unsettled().values("session"))
    for dossier in ready.select_related("session__job_type").order_by("pk")[:SHOWN]:
        yield Todo("封存档案", reverse("approvals:dossier", args=[dossier.pk]), f"{dossier.number} {dossier.session}")


def _desk(state: LicenceState, title: str, tab: str, rule_code: str) -> Provider:
    def provide(user: User, now: datetime) -> Iterator[Todo]:
        rows = LicenceApplicant.objects.visible_to(user).filter(state=state)
        if state == LicenceState.ACCEPTED:
            rows = rows.filter(differences=[])
        count = rows.order_by().count()
        if count:
            url = f"{reverse('approvals:acceptance')}?tab={tab}"
            yield Todo(title, url, deadline=_first([rule_code], LicenceApplicant, rows.order_by()), count=count)

    return provide


def _to_decide(user: User, now: datetime) -> Iterator[Todo]:
    """Whoever may be decided on now: those whose clocks stand still wait for something else."""
    rows = LicenceApplicant.objects.visible_to(user).filter(state=LicenceState.RECONCILED).order_by()
    rows = rows.exclude(pk__in=_standing(user).values("subject_id"))
    rows = rows.exclude(proposals__state=ProposalState.PROPOSED)
    count = rows.count()
    if count:
        first = _first([DECISION], LicenceApplicant, rows)
        yield Todo("作出许可决定", reverse("approvals:deciding"), deadline=first, count=count)


def _drafts(user: User, now: datetime) -> Iterator[Todo]:
    """Drafts that this person may approve: others' own, and the head's where the head is asked."""
    rows = DecisionProposal.objects.visible_to(user).filter(state=ProposalState.PROPOSED)
    rows = rows.exclude(proposed_by=user).order_by()
    if not may(user, approving.APPROVE):
        rows = rows.exclude(needs=DecisionProposal.Needs.HEAD)
    count = rows.count()
    if count:
        people = LicenceApplicant.objects.filter(pk__in=rows.values("applicant")).order_by()
        first = _first([DECISION], LicenceApplicant, people)
        yield Todo("复核或者批准拟办的决定", reverse("approvals:confirming"), deadline=first, count=count)


def _letters_to_hand_over(user: User, now: datetime) -> Iterator[Todo]:
    """Decisions about the institution's own people that nobody has signed for."""
    rows = Decision.objects.visible_to(user).filter(served_at__isnull=True).order_by()
    count = rows.count()
    if count:
        people = LicenceApplicant.objects.filter(pk__in=rows.values("applicant")).order_by()
        url = f"{reverse('approvals:decisions')}?served=no"
        first = _first([SERVICE], LicenceApplicant, people)
        yield Todo("转交许可决定书，由本人签收", url, kind=Kind.WAITING, deadline=first, count=count)


def _extensions(user: User, now: datetime) -> Iterator[Todo]:
    """What waits for the head, due by the first limit that runs out: after it nothing can be extended."""
    asked = ExtensionProposal.objects.visible_to(user).filter(state=ExtensionState.REQUESTED).order_by()
    count = asked.count()
    if count:
        rows = LicenceApplicant.objects.filter(pk__in=asked.values("applicant")).order_by()
        url = f"{reverse('approvals:clock_desk')}?tab=extensions&state={ExtensionState.REQUESTED}"
        yield Todo(
            "审批延长决定期限的提请", url, deadline=_first([DECISION_STATUTORY], LicenceApplicant, rows), count=count
        )


def _bars(user: User, now: datetime) -> Iterator[Todo]:
    """Proposals to bar somebody; no rule gives the decision a day."""
    count = BarCase.objects.visible_to(user).filter(state=BarState.PROPOSED).count()
    if count:
        yield Todo("决定禁考提请", f"{reverse('approvals:bars')}?standing={BarState.PROPOSED}", count=count)


def _endings_to_decide(user: User, now: datetime) -> Iterator[Todo]:
    """Revocations and cancellations that are ripe for this person's decision."""
    rows = EndingCase.objects.visible_to(user).exclude(proposed_by=user)
    rows = rows.filter(Q(state=EndingState.HEARD) | Q(state=EndingState.PROPOSED, needs_hearing=False))
    if not may(user, "approvals.revoke_certificates"):
        rows = rows.filter(kind=EndingCase.Kind.CANCEL)
    if count := rows.count():
        yield Todo("决定撤销、注销操作证", reverse("approvals:endings"), count=count)


def _endings_to_hear(user: User, now: datetime) -> Iterator[Todo]:
    """Holders to tell, and those whose days to be heard are over."""
    rows = EndingCase.objects.visible_to(user).filter(needs_hearing=True)
    for state, title in ((EndingState.PROPOSED, "告知拟撤销的当事人"), (EndingState.TOLD, "登记陈述申辩和听证")):
        found = rows.filter(state=state).aggregate(count=Count("pk"), first=Min("hearing_until"))
        if found["count"]:
            url = f"{reverse('approvals:endings')}?state={state}"
            yield Todo(title, url, due_on=found["first"], count=found["count"])


def _endings_to_serve(user: User, now: datetime) -> Iterator[Todo]:
    """Decisions that ended a certificate and that the holder has not signed for; no rule gives the service a day."""
    rows = EndingCase.objects.visible_to(user).filter(state=EndingState.DECIDED, served_at__isnull=True)
    if count := rows.count():
        yield Todo("送达撤销、注销决定", f"{reverse('approvals:endings')}?served=no", count=count)


def _overdrawn(user: User, now: datetime) -> Iterator[Todo]:
    """Pauses that should have been over by now."""
    late = _standing(user).filter(expected_on__lt=clock.day_of(now))
    found = late.aggregate(count=Count("pk"), first=Min("expected_on"))
    if found["count"]:
        url = f"{reverse('approvals:clock_desk')}?tab=paused"
        yield Todo("中止计算已超过预计日期，恢复或者核实", url, due_on=found["first"], count=found["count"])


def _standing_still(user: User, now: datetime) -> Iterator[Todo]:
    """What a hearing or an appraisal is waited for, and should not be over yet."""
    count = _standing(user).exclude(expected_on__lt=clock.day_of(now)).count()
    if count:
        url = f"{reverse('approvals:clock_desk')}?tab=paused"
        yield Todo("听证、鉴定和评审，决定期限中止计算", url, kind=Kind.WAITING, count=count)


def _standing(user: User) -> QuerySet[Pause]:
    people = LicenceApplicant.objects.visible_to(user).filter(state__in=IN_DECISION)
    return Pause.objects.about_model(LicenceApplicant).running().filter(subject_id__in=people.values("pk"))


def _to_serve(user: User, now: datetime) -> Iterator[Todo]:
    rows = LicenceApplicant.objects.visible_to(user)
    rows = rows.filter(decision__isnull=False, decision__served_at__isnull=True)
    count = rows.order_by().count()
    if count:
        url = f"{reverse('approvals:decisions')}?served=no"
        yield Todo("送达许可决定", url, deadline=_first([SERVICE], LicenceApplicant, rows.order_by()), count=count)


def _lapsed(user: User, now: datetime) -> Iterator[Todo]:
    """Corrections that were not answered in time: somebody may end the applications; nobody has to."""
    if count := len(withdrawals.lapsed(user, clock.day_of(now))):
        url = f"{reverse('approvals:acceptance')}?tab=correction"
        yield Todo("逾期未补正，可以视为撤回", url, kind=Kind.WAITING, count=count)


def _cards(user: User, now: datetime) -> Iterator[Todo]:
    words = {CardState.REQUESTED: "制作实体证书", CardState.PRINTED: "发放实体证书"}
    rows = CardRequest.objects.visible_to(user).filter(window=user.organisation_id, state__in=words)
    counts = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    for state, title in words.items():
        if counts.get(state):
            yield Todo(title, f"{reverse('approvals:cards')}?state={state}", count=counts[state])


lines = by_right(
    {
        "approvals.hand_over": (_to_hand_over,),
        "approvals.review_city": (_city_reviews, _forwarded),
        "approvals.review_province": (_provincial_reviews, _reports),
        taking_over.ACTION: (_overdue_in_cities,),
        "approvals.prepare_licences": (
            _sessions,
            _to_submit,
            _platform_differences,
            _not_returned,
            _to_correct,
            _dossiers_to_seal,
        ),
        "approvals.accept_licences": (
            _desk(LicenceState.SUBMITTED, "受理发证许可申请", "submitted", ACCEPTANCE),
            _desk(LicenceState.ACCEPTED, "核对成绩和合格人员名单", "accepted", DECISION),
            _to_serve,
            _lapsed,
        ),
        "approvals.decide_licences": (_to_decide,),
        approving.CONFIRM: (_drafts,),
        "approvals.decide_endings": (_endings_to_decide,),
        "approvals.propose_endings": (_endings_to_hear,),
        serving.ACTION: (_endings_to_serve,),
        "exams.application.file": (_letters_to_hand_over,),
        "approvals.approve_extension": (_extensions, _overdrawn),
        "approvals.impose_bars": (_bars,),
        "approvals.pause_clocks": (_overdrawn, _standing_still),
        "approvals.handle_cards": (_cards,),
    }
)
