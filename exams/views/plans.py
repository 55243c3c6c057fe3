"""考试计划: drafting, filing, and the provincial centre's answer."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.deadlines import ledger
from certification.forms import Form
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_page
from certification.records.models import TransitionLog
from certification.refusals import Refusal
from certification.workdays.wording import plain_day
from exams.applications import obligations
from exams.models import ExamPlan, ExamSession
from exams.plans import following, planning
from exams.rooms import staffing
from exams.sessions import starting
from exams.states import EXAM_PLAN, ExamPlanState


class PlanForm(Form):
    """A plan's name, and for every announced session whether it is in and how many are expected."""

    title = forms.CharField(label="考试计划名称", max_length=80)

    def __init__(self, *args, sessions, numbers, items, **kwargs):
        super().__init__(*args, **kwargs)
        self.sessions = list(sessions)
        for session in self.sessions:
            key = str(session.pk)
            self.fields[f"in-{key}"] = forms.BooleanField(
                label=f"{session} {plain_day(session.starts_on)} {session.site}",
                required=False,
                initial=session.pk in items,
            )
            self.fields[f"expected-{key}"] = forms.IntegerField(
                label=f"{session.number}预计人数",
                min_value=0,
                max_value=1000,
                required=False,
                initial=items.get(session.pk, numbers.get(session.pk, 0)),
                widget=forms.NumberInput(attrs={"class": "score", "aria-label": f"{session.number}预计人数"}),
            )

    def lines(self):
        """(session, its checkbox, its number) for the page."""
        return [(row, self[f"in-{row.pk}"], self[f"expected-{row.pk}"]) for row in self.sessions]

    def chosen(self) -> dict[int, int | None]:
        """The ticked sessions with their numbers; None leaves the counting to the activity."""
        data = self.cleaned_data
        return {row.pk: data[f"expected-{row.pk}"] for row in self.sessions if data[f"in-{row.pk}"]}


class AnswerForm(Form):
    """The provincial centre's answer."""

    answer = forms.ChoiceField(
        label="处理", choices=[("acknowledge", "签收"), ("return", "退回")], widget=forms.RadioSelect
    )
    opinion = forms.CharField(
        label="意见", widget=forms.Textarea(attrs={"rows": 3}), required=False, help_text="退回时必须填写理由。"
    )


@require_GET
def plan_list(request):
    """Plans that the user may see."""
    rows = ExamPlan.objects.visible_to(request.user).select_related("organiser")
    state = request.GET.get("state", "")
    if state in ExamPlanState.values:
        rows = rows.filter(state=state)
    page = keyset_page(request, rows.prefetch_related("items__session"), ("-id",))
    returned = [row for row in page.rows if row.state == ExamPlanState.RETURNED]
    deadlines = ledger.find_all(obligations.EXAM_PLAN, page.rows)
    deadlines |= ledger.find_all(obligations.EXAM_PLAN_ANSWER, returned)
    context = {
        "page": page,
        "rows": [
            (row, sorted(row.items.all(), key=lambda item: item.session.starts_on), deadlines.get(row.pk))
            for row in page.rows
        ],
        "states": ExamPlanState.choices,
        "state": state,
        "may_file": may(request.user, "exams.plan.file"),
    }
    return render(request, "exams/plan_list.html", context)


@require_http_methods(["GET", "POST"])
def plan_create(request):
    """Draft a plan; ``?session=`` comes with that session ticked, the planner's address with those of its day."""
    return _plan_form(request, None)


@require_http_methods(["GET", "POST"])
def plan_edit(request, pk: int):
    """Change a draft or a returned plan."""
    return _plan_form(request, _own(request, pk))


@require_GET
def plan_detail(request, pk: int):
    """One plan with its sessions, expected and present numbers."""
    return _page(
        request, get_object_or_404(ExamPlan.objects.visible_to(request.user).select_related("organiser"), pk=pk)
    )


@require_http_methods(["GET", "POST"])
def plan_file(request, pk: int):
    """Say what is filed and whether it is late, then file."""
    plan = _own(request, pk)
    refusal = None
    if request.method == "POST":
        try:
            filed = planning.file_exam_plan(actor=request.user, plan_id=plan.pk)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"考试计划已报送，编号{filed.number}。")
            return redirect("exams:plan_detail", pk=plan.pk)
    items = list(plan.items.select_related("session__job_type__group", "session__site").order_by("session__starts_on"))
    late = [f"场次{row.session.number}的报送时限为{plain_day(row.due_on)}，已过。" for row in _late(plan)]
    lacking = staffing.shortages([item.session_id for item in items])
    short = [f"{item.session.number}考务人员不足：{one}" for item in items for one in lacking.get(item.session_id, [])]
    return confirm_page(
        request,
        title="报送考试计划",
        sentence=f"将“{plan.title}”报送省厅考试中心，共 {len(items)} 个场次。",
        consequences=[
            *(f"{item.session} {plain_day(item.session.starts_on)} 预计{item.expected}人" for item in items),
            *late,
            *short,
        ],
        action_label="报送",
        cancel_url=reverse("exams:plan_detail", args=[plan.pk]),
        subject=plan.title,
        refusal=refusal,
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def plan_answer(request, pk: int):
    """Acknowledge or return a filed plan."""
    plan = get_object_or_404(ExamPlan.objects.visible_to(request.user).select_related("organiser"), pk=pk)
    form = AnswerForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["answer"] == "return":
                planning.return_exam_plan(actor=request.user, plan_id=plan.pk, reason=data["opinion"])
            else:
                planning.acknowledge_exam_plan(actor=request.user, plan_id=plan.pk, answer=data["opinion"])
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, "已答复。")
            return redirect("exams:plan_detail", pk=plan.pk)
    return confirm_page(
        request,
        title="答复考试计划",
        sentence=f"{plan.organiser}报送的“{plan.title}”（{plan.number}）。",
        consequences=["签收后考试计划即告备案。", "退回的，所列场次须重新报送后方可开考。"],
        action_label="提交答复",
        cancel_url=reverse("exams:plan_detail", args=[plan.pk]),
        subject=plan.title,
        form=form,
        refusal=refusal,
        danger=False,
    )


def _own(request, pk: int) -> ExamPlan:
    rows = ExamPlan.objects.visible_to(request.user).filter(organiser=request.user.organisation_id)
    return get_object_or_404(rows.select_related("organiser"), pk=pk)


def _late(plan: ExamPlan):
    return planning.lateness(plan, now=clock.now()) if plan.state in planning.OPEN_TO_ORGANISER else []


def _plan_form(request, plan: ExamPlan | None):
    sessions = planning.sessions_to_plan(request.user, request.user.organisation_id, plan, clock.today())
    sessions = list(sessions.select_related("job_type", "site").order_by("starts_on", "pk"))
    numbers = planning.listed_numbers([row.pk for row in sessions])
    if plan:
        title, items = plan.title, dict(plan.items.values_list("session_id", "expected"))
    else:
        title, items = _proposed(request, sessions, numbers)
    form = PlanForm(
        request.POST or None,
        sessions=sessions,
        numbers=numbers,
        items=items,
        initial={"title": title},
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        wanted = form.chosen()
        try:
            saved = planning.save_exam_plan(
                actor=request.user,
                title=form.cleaned_data["title"],
                session_ids=list(wanted),
                expected={pk: number for pk, number in wanted.items() if number is not None},
                plan_id=plan.pk if plan else None,
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, "考试计划草稿已保存。")
            return redirect("exams:plan_detail", pk=saved.pk)
    failed = refusal is not None or bool(form.errors)
    context = {"form": form, "plan": plan, "refusal": refusal}
    return render(request, "exams/plan_form.html", context, status=422 if failed else 200)


def _proposed(request, sessions: list[ExamSession], numbers: dict[int, int]) -> tuple[str, dict[int, int]]:
    """A name and the sessions that the address names, for a new plan; nothing where it names none."""
    for session in sessions:
        if str(session.pk) == request.GET.get("session"):
            return f"{plain_day(session.starts_on)}{session.job_type}考试计划", {session.pk: numbers.get(session.pk, 0)}
    day, job_type = starting.planned_day(request.GET)
    planned = [row for row in sessions if row.starts_on == day and job_type in ("", str(row.job_type_id))]
    title = f"{plain_day(day)}考试计划" if planned else ""
    return title, {row.pk: numbers.get(row.pk, 0) for row in planned}


def _binding(plan: ExamPlan) -> str:
    """The rule by which the plan is to be filed, or filed again."""
    return obligations.EXAM_PLAN_ANSWER if plan.state == ExamPlanState.RETURNED else obligations.EXAM_PLAN


def _page(request, plan: ExamPlan):
    items = list(plan.items.select_related("session__job_type", "session__site").order_by("session__starts_on", "pk"))
    numbers = planning.listed_numbers([item.session_id for item in items])
    own = plan.organiser_id == request.user.organisation_id
    shown = items if plan.filed_at else []
    follow_ups = following.follow_ups(shown, now=clock.now(), user=request.user)
    final = {one.item.pk: one for one in follow_ups}
    context = {
        "plan": plan,
        "rows": [(item, numbers[item.session_id], final.get(item.pk)) for item in items],
        "changed": [one for one in follow_ups if one.left or one.joined],
        "deadline": ledger.find(_binding(plan), plan),
        "late": _late(plan),
        "may_file": own and may(request.user, "exams.plan.file") and EXAM_PLAN.allows("file", plan.state),
        "may_answer": may(request.user, "exams.plan.answer") and EXAM_PLAN.allows("acknowledge", plan.state),
        "entries": timeline.entries(plan),
        "told": told.of(request.user, plan),
        "amendments": TransitionLog.objects.about(plan).filter(name="amend").select_related("actor"),
    }
    return render(request, "exams/plan_detail.html", context)
