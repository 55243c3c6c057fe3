"""Completeness of a dossier against a list, each missing item with its owner (rules 10)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from approvals.dossiers.day_completeness import day_entries
from approvals.dossiers.entries import Entry, visit_entry
from approvals.dossiers.opening import unfinished
from approvals.models import Decision, LicenceApplicant, Review
from approvals.reviews.stages import route
from approvals.states import BatchState, LicenceState
from certification.catalogue.models import ApplicationKind
from certification.inspections.states import CHECK_CLOSED
from certification.organisations import offices
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from exams.materials import paper_standards
from exams.models import Candidate, ExamPlanItem, ExamSession, Material, Result, RoomUse, StaffAssignment
from exams.states import EXAMINED, LEFT, CandidateState, ExamPlanState, ResultState, SessionState
from training.models import Lesson, PlanReceipt, Roster, SpotCheck, TrainingPlan


def check(session: ExamSession, plans: Sequence[TrainingPlan], *, whole: bool) -> list[Entry]:
    """The list for ``plans``, and with ``whole`` for the session too. A fixed number of queries per class."""
    facts = _Facts(session, list(plans))
    entries = [entry for plan in plans for entry in _class_entries(facts, plan)]
    return [*_session_entries(facts), *entries] if whole else entries


class _Facts:
    """What the list is checked against, each kind of row read once."""

    def __init__(self, session: ExamSession, plans: list[TrainingPlan]):
        self.session = session
        self.province = Organisation.objects.provincial_centre()
        self.candidates = list(
            Candidate.objects.filter(session=session).select_related(
                "application__person",
                "application__rule_edition",
                "application__institution",
                "application__job_type__group",
            )
        )
        ids = [row.application_id for row in self.candidates]
        self.held = _grouped(
            Material.objects.filter(application__in=ids, replaced_at__isnull=True).values_list("application", "kind")
        )
        self.stages = _grouped(Review.objects.filter(application__in=ids).values_list("application", "stage"))
        self.receipts = set(PlanReceipt.objects.filter(plan__in=plans).values_list("plan", flat=True))
        self.scheduled = set(Lesson.objects.standing().filter(plan__in=plans).values_list("plan", flat=True))
        to_sign = Lesson.objects.to_sign().filter(plan__in=plans)
        self.to_sign = _counted(to_sign)
        self.signed = _counted(to_sign.filter(sheets__version=1))
        self.open_checks = _grouped_rows(
            SpotCheck.objects.filter(plan__in=plans).exclude(state__in=CHECK_CLOSED).select_related("organisation")
        )
        self.rosters = set(Roster.objects.filter(plan__in=plans).values_list("plan", flat=True))
        self.released = _grouped(
            Result.objects.filter(candidate__in=self.candidates, state=ResultState.RELEASED).values_list(
                "candidate", "part"
            )
        )
        self.applicants = {
            row.candidate_id: row
            for row in LicenceApplicant.objects.filter(candidate__in=self.candidates)
            .select_related("batch", "acceptance")
            .order_by("pk")
        }
        decisions = Decision.objects.filter(applicant__in=[row.pk for row in self.applicants.values()])
        self.decided = {row.applicant_id: row for row in decisions}
        self.waiting = {row.pk: row for row in unfinished(session)}

    def in_plan(self, plan: TrainingPlan) -> list[Candidate]:
        """Whoever took the exam, or still may, from one class."""
        return [row for row in self.candidates if row.application.plan_id == plan.pk and row.state not in LEFT]


def _class_entries(facts: _Facts, plan: TrainingPlan) -> list[Entry]:
    candidates = facts.in_plan(plan)
    school = (plan.institution, Role.INSTITUTION_FILER)
    entries = [
        Entry("培训计划报备回执", "" if plan.pk in facts.receipts else "没有回执", *school, plan),
        Entry("申报材料", _names(candidates, lambda row: _papers_missing(facts, row)), *school, plan),
        _review_entry(facts, plan, candidates),
        Entry("课程表", "" if plan.pk in facts.scheduled else "没有课程表", *school, plan),
        Entry("考勤", _sheets_missing(facts, plan), *school, plan),
        *_check_entries(facts, plan),
    ]
    if plan.kind == ApplicationKind.INITIAL:
        missing = "" if plan.pk in facts.rosters else "没有学员名单"
        entries.insert(1, Entry("学员名单", missing, *school, plan))
    return entries


def _review_entry(facts: _Facts, plan: TrainingPlan, candidates: list[Candidate]) -> Entry:
    """The next review that somebody in the class lacks decides who owns the line."""
    expected = route(plan.category, plan.kind)
    lacking = {
        stage: [row for row in candidates if stage not in facts.stages[row.application_id]] for stage in expected
    }
    for stage, rows in lacking.items():
        if rows:
            city = stage in ("PRELIMINARY", "CITY_REVIEW")
            owner = plan.organiser if city else facts.province
            role = Role.CITY_REVIEWER if city else Role.PROVINCIAL_REVIEWER
            return Entry("审核意见", f"缺{stage.label}：{_list(rows)}", owner, role, plan)
    return Entry("审核意见", "", facts.province, Role.PROVINCIAL_REVIEWER, plan)


def _sheets_missing(facts: _Facts, plan: TrainingPlan) -> str:
    """Lessons on site at which nobody signed in."""
    missing = facts.to_sign[plan.pk] - facts.signed[plan.pk]
    if missing:
        return f"{missing} 次课没有签到"
    return "" if plan.pk in facts.scheduled else "没有考勤"


def _check_entries(facts: _Facts, plan: TrainingPlan) -> list[Entry]:
    """Each spot check that is not at its end: the institution's while it has to remedy, then whoever checked."""
    school = (plan.institution, Role.INSTITUTION_FILER)
    return [
        visit_entry(f"培训检查 {check.number}", check, school, offices.inspector(check.organisation), plan)
        for check in facts.open_checks[plan.pk]
    ]


def _papers_missing(facts: _Facts, candidate: Candidate) -> bool:
    application = candidate.application
    standard = paper_standards.papers_of(application)
    held = facts.held[application.pk]
    return bool(standard.missing(held) or (application.hours_confirmed_at is None and standard.missing_later(held)))


def _session_entries(facts: _Facts) -> list[Entry]:
    organiser = (facts.session.organiser, offices.exam_officer(facts.session.organiser))
    examined = [row for row in facts.candidates if row.state in EXAMINED]
    passed = [row for row in examined if row.state == CandidateState.PASSED]
    sent = [row for row in passed if _sent(facts, row)]
    # Who was accepted before there were such notices has none.
    notified = [row for row in sent if facts.applicants[row.pk].acceptance_id]
    to_decide = [row for row in sent if facts.applicants[row.pk].state != LicenceState.WITHDRAWN]
    decided = [row for row in to_decide if _decision(facts, row)]
    decider = (facts.province, Role.PROVINCIAL_DECISION_MAKER)
    clerk = (facts.province, Role.PROVINCIAL_ACCEPTANCE_CLERK)
    checker = (facts.session.organiser, offices.results_checker(facts.session.organiser))
    open_ones = [row for row in facts.waiting.values() if row.state != CandidateState.PASSED]
    if facts.session.state == SessionState.CANCELLED:
        # Nobody was examined in it: nothing is owed of an exam.
        return [Entry("未办结人员", _names(open_ones, lambda row: True), *organiser)]
    return [
        Entry("考试计划", _plan_missing(facts), *organiser),
        Entry("考务人员", _staff_missing(facts), *organiser),
        *day_entries(facts.session, organiser),
        _step(facts, "准考证", examined, lambda row: not row.ticket_number, organiser),
        _step(facts, "成绩", examined, lambda row: not facts.released[row.pk], checker),
        _step(facts, "发证许可申请和平台回执", passed, lambda row: not _sent(facts, row), organiser),
        _step(facts, "受理通知书", notified, lambda row: not _notice_made(facts, row), clerk),
        _step(facts, "许可决定", to_decide, lambda row: not _decision(facts, row), decider),
        _step(facts, "许可决定书", decided, lambda row: _decision(facts, row).letter_id is None, decider),
        _step(facts, "送达", decided, lambda row: _decision(facts, row).served_at is None, clerk),
        Entry("未办结人员", _names(open_ones, lambda row: True), *organiser),
    ]


def _step(facts: _Facts, title: str, reached: list[Candidate], lacks, owner: tuple[Organisation, Role]) -> Entry:
    """A line about those who have come so far; its turn has not come while nobody has and somebody still may."""
    pending = not reached and bool(facts.waiting)
    return Entry(title, _names(reached, lacks), *owner, pending=pending)


def _plan_missing(facts: _Facts) -> str:
    item = ExamPlanItem.objects.filter(session=facts.session).select_related("plan").first()
    filed = item and item.plan.state in (ExamPlanState.FILED, ExamPlanState.ACKNOWLEDGED)
    return "" if filed else "考试计划未报送"


def _staff_missing(facts: _Facts) -> str:
    uses = RoomUse.objects.in_force().filter(part__session=facts.session).select_related("part", "room")
    served = StaffAssignment.objects.filter(ended_at__isnull=True).values("use")
    empty = [str(use.room.name) for use in uses.exclude(pk__in=served)]
    if empty:
        return f"未安排人员：{'、'.join(empty)}"
    return "" if uses.exists() else "未安排考场"


def _sent(facts: _Facts, candidate: Candidate) -> bool:
    applicant = facts.applicants.get(candidate.pk)
    return applicant is not None and applicant.batch.state == BatchState.SUBMITTED


def _notice_made(facts: _Facts, candidate: Candidate) -> bool:
    return facts.applicants[candidate.pk].acceptance.letter_id is not None


def _decision(facts: _Facts, candidate: Candidate) -> Decision | None:
    """On the last application that the candidate is in; that it was not accepted is one, too."""
    return facts.decided.get(facts.applicants[candidate.pk].pk)


def _names(candidates: Sequence[Candidate], lacks) -> str:
    rows = [row for row in candidates if lacks(row)]
    return f"缺{len(rows)}人：{_list(rows)}" if rows else ""


def _list(rows: Sequence[Candidate]) -> str:
    names = "、".join(row.application.person.name for row in rows[:5])
    return f"{names}等{len(rows)}人" if len(rows) > 5 else names


def _counted(lessons) -> Counter[int]:
    return Counter(lessons.order_by().values_list("plan", flat=True))


def _grouped_rows(checks) -> dict[int, list[SpotCheck]]:
    found: dict[int, list[SpotCheck]] = defaultdict(list)
    for check in checks.order_by("pk"):
        found[check.plan_id].append(check)
    return found


def _grouped(pairs) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found
