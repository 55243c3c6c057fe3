"""逾期特批: the list and the head's queue, asking, one admission, deciding one or many, admitting unasked."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.deadlines.due import due_by, event_label
from certification.deadlines.explaining.explanation import rule_sentence
from certification.deadlines.explaining.line import line_of_due
from certification.deadlines.late_admissions import admissible, admissions
from certification.deadlines.late_admissions.admissible import Admissible
from certification.deadlines.late_admissions.admissions import Late, NothingToAdmit
from certification.deadlines.late_admissions.forms import AdmissionFilter, AskForm, GrantForm, RefuseForm
from certification.deadlines.late_admissions.states import LATE_ADMISSION, AdmissionState
from certification.deadlines.models import Deadline, LateAdmission
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Incomplete, Refusal
from certification.selection import is_id
from certification.workdays import calendars
from certification.workdays.wording import full_day, plain_day
from certification.workflow import Result

OUTCOMES = {"grant": "准予特批", "refuse": "不予特批"}


@dataclass(frozen=True)
class Step:
    """One line of an admission's own history, as the timeline shows it."""

    at: datetime
    title: str
    who: str
    text: str = ""
    tone: str = "done"


@require_safe
def admission_list(request):
    """Late admissions that the person may see, the newest first; for the head with boxes to decide many at once."""
    form = AdmissionFilter(request.GET)
    rows = LateAdmission.objects.visible_to(request.user).for_display()
    if form.is_valid() and form.cleaned_data["state"]:
        rows = rows.filter(state=form.cleaned_data["state"])
    page = keyset_page(request, rows, ("-pk",))
    decides = may(request.user, admissions.DECIDE)
    now = clock.now()
    context = {
        "form": form,
        "is_set": bool(request.GET.get("state")),
        "page": page,
        "rows": [(row, row.expired_at(now)) for row in page],
        "any_to_decide": decides and any(row.state == AdmissionState.REQUESTED for row in page),
    }
    return render(request, "deadlines/admission_list.html", context)


@require_safe
def admission(request, pk: int):
    """One late admission: what was missed and why, who asked, who decided, what came of it."""
    row = get_object_or_404(LateAdmission.objects.visible_to(request.user).for_display(), pk=pk)
    now = clock.now()
    entry, case = _case_of(row)
    own = row.organisation_id == request.user.organisation_id and may(request.user, admissions.ASK)
    visible = entry.model._default_manager.visible_to(request.user).filter(pk=case.pk).exists()
    context = {
        "admission": row,
        "case_url": entry.url(case) if visible else "",
        "facts": entry.facts(case),
        "sentence": rule_sentence(row.rule),
        "event_label": event_label(row.rule),
        "line": _line(row),
        "steps": _steps(row),
        "expired": row.expired_at(now),
        "may_decide": may(request.user, admissions.DECIDE) and LATE_ADMISSION.allows("grant", row.state),
        "may_withdraw": own and LATE_ADMISSION.allows("withdraw", row.state),
        "act_url": entry.act_url(case, row.organisation_id) if own and row.admits_at(now) else "",
    }
    return render(request, "deadlines/admission.html", context)


@require_http_methods(["GET", "POST"])
def admission_ask(request):
    """Ask for one or many cases of one rule, which the address names; the answer is a result per case."""
    entry, wanted = _wanted(request)
    cases = entry.rows(entry.model._default_manager.visible_to(request.user)).in_bulk([pk for pk, _day in wanted])
    if len(cases) != len({pk for pk, _day in wanted}):
        raise Http404
    form = AskForm(request.POST or None)
    refused: list[tuple[str, Refusal]] = []
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            results = admissions.ask(
                actor=request.user,
                model_label=entry.model._meta.label,
                rule_code=entry.rule_code,
                wanted=wanted,
                reason=form.cleaned_data["reason"],
            )
        except Refusal as found:
            refusal = found
        else:
            refused = _refused(results)
            if len(refused) < len(results):
                return _asked(request, results, refused)
    else:
        refused = _not_late(entry, cases, wanted)
    lates = _late(entry, cases, wanted)
    first = next(iter(cases.values()))
    context = {
        "form": form,
        "lates": lates,
        "refusal": refusal,
        "refused": refused,
        "back_url": entry.act_url(first, request.user.organisation_id),
        "event_label": event_label(lates[0].rule) if lates else "",
        "sentence": rule_sentence(lates[0].rule) if lates else "",
    }
    failed = request.method == "POST"
    return render(request, "deadlines/admission_ask.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "POST"])
def admission_decide(request):
    """Grant or refuse the requests that the address names, by name and with a reason."""
    outcome = request.GET.get("outcome", "")
    if outcome not in OUTCOMES:
        raise BadRequest("决定无效")
    ids = _ids(request.GET.getlist("admission"))
    rows = list(LateAdmission.objects.visible_to(request.user).for_display().filter(pk__in=ids).order_by("pk"))
    if len(rows) != len(ids):
        raise Http404
    if not rows:
        messages.info(request, "请先勾选要决定的申请。")
        return redirect("deadlines:admission_list")
    form = _decision_form(request, outcome, rows)
    refused: list[tuple[str, Refusal]] = []
    refusal = None
    if request.method == "POST" and form.is_valid():
        act = {"grant": admissions.grant, "refuse": admissions.refuse}[outcome]
        try:
            results = act(actor=request.user, admission_ids=ids, **form.cleaned_data)
        except Refusal as found:
            refusal = found
        else:
            refused = _refused(results)
            if len(refused) < len(results):
                return _decided(request, outcome, results, refused)
    _show_at_field(form, refused)
    context = {
        "form": form,
        "rows": rows,
        "refused": refused,
        "refusal": refusal,
        "label": OUTCOMES[outcome],
        "grants": outcome == "grant",
        "own": any(row.organisation_id == request.user.organisation_id for row in rows),
    }
    return render(request, "deadlines/admission_decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def admission_direct(request, pk: int):
    """Admit the case of an overdue deadline that nobody has asked for."""
    deadline = get_object_or_404(Deadline.objects.visible_to(request.user).for_display(), pk=pk)
    model = deadline.subject_type.model_class()
    entry = admissible.find(model._meta.label, deadline.rule.code)
    if entry is None:
        raise BadRequest("该时限不适用逾期特批")
    case = entry.rows(model._default_manager.visible_to(request.user)).filter(pk=deadline.subject_id).first()
    now = clock.now()
    refusal, last_day = None, None
    try:
        last_day = _last_day_of(entry, case, deadline, now)
    except Refusal as found:
        refusal = found
    form = GrantForm(
        request.POST or None,
        until_help=_until_help(last_day, now) if last_day else "",
        initial={"valid_until": admissions.default_until(last_day, now) if last_day else None},
    )
    if request.method == "POST" and case is not None and form.is_valid():
        try:
            made = admissions.admit(
                actor=request.user,
                model_label=model._meta.label,
                rule_code=deadline.rule.code,
                case_id=case.pk,
                event_on=deadline.anchor_on,
                **form.cleaned_data,
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已准予特批，有效期至{plain_day(made.valid_until)} 24:00。")
            return redirect("deadlines:admission", made.pk)
    context = {
        "deadline": deadline,
        "case": case,
        "form": form,
        "refusal": refusal,
        "possible": last_day is not None,
        "sentence": rule_sentence(deadline.rule),
        "event_label": event_label(deadline.rule),
    }
    failed = form.is_bound or refusal is not None
    return render(request, "deadlines/admission_direct.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "POST"])
def admission_withdraw(request, pk: int):
    """Take a request back before it is decided."""
    row = get_object_or_404(LateAdmission.objects.visible_to(request.user).for_display(), pk=pk)
    if row.organisation_id != request.user.organisation_id:
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        try:
            admissions.withdraw(actor=request.user, admission_id=row.pk)
            messages.success(request, "已撤回申请。")
            return redirect("deadlines:admission", row.pk)
        except Refusal as found:
            refusal = found
    context = {"admission": row, "refusal": refusal}
    return render(request, "deadlines/admission_withdraw.html", context, status=422 if refusal else 200)


def _last_day_of(entry: Admissible, case, deadline: Deadline, now: datetime) -> date:
    if case is None:
        raise NothingToAdmit("该事项还没有提交，只有申请单位可以查看。", advice="由申请单位申请逾期特批。")
    return admissions.late_at(entry, case, deadline.anchor_on, now=now).last_day


def _wanted(request) -> tuple[Admissible, list[tuple[int, date]]]:
    """The rule and the cases that the address names; an address that names none is a bad request."""
    entry = admissible.find(request.GET.get("case", ""), request.GET.get("rule", ""))
    if entry is None:
        raise BadRequest("没有可以逾期特批的时限")
    wanted = []
    for text in request.GET.getlist("for"):
        number, _colon, day = text.partition(":")
        wanted += [(pk, _day(day)) for pk in _ids([number])]
    if not wanted:
        raise BadRequest("没有写明事项")
    return entry, list(dict.fromkeys(wanted))


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not date(2023, 1, 1) <= day <= date(2100, 1, 1):
        raise BadRequest("日期无效")
    return day


def _ids(texts: list[str]) -> list[int]:
    return list(dict.fromkeys(int(text) for text in texts if is_id(text)))


def _late(entry: Admissible, cases: dict, wanted) -> list[Late]:
    return [late for _case, late in _looked_at(entry, cases, wanted) if isinstance(late, Late)]


def _not_late(entry: Admissible, cases: dict, wanted) -> list[tuple[str, Refusal]]:
    return [(str(case), found) for case, found in _looked_at(entry, cases, wanted) if isinstance(found, Refusal)]


def _looked_at(entry: Admissible, cases: dict, wanted):
    now = clock.now()
    for pk, event_on in wanted:
        try:
            yield cases[pk], admissions.late_at(entry, cases[pk], event_on, now=now)
        except Refusal as refusal:
            yield cases[pk], refusal


def _refused(results: list[Result]) -> list[tuple[str, Refusal]]:
    return [(str(result.row), result.refusal) for result in results if result.refusal]


def _asked(request, results: list[Result], refused: list[tuple[str, Refusal]]):
    asked = [result.row for result in results if result.ok]
    messages.success(request, f"已申请逾期特批 {len(asked)} 项，决定后将通知申请单位。")
    for name, refusal in refused:
        messages.warning(request, f"{name}：{refusal}")
    if len(asked) == 1:
        return redirect("deadlines:admission", asked[0].pk)
    return redirect("deadlines:admission_list")


def _decided(request, outcome: str, results: list[Result], refused: list[tuple[str, Refusal]]):
    made = [result.row for result in results if result.ok]
    messages.success(request, f"{OUTCOMES[outcome]} {len(made)} 项，已通知申请单位。")
    for name, refusal in refused:
        messages.warning(request, f"{name}：{refusal}")
    if len(results) == 1:
        return redirect("deadlines:admission", made[0].pk)
    return redirect("deadlines:admission_list")


def _decision_form(request, outcome: str, rows: list[LateAdmission]):
    if outcome == "refuse":
        return RefuseForm(request.POST or None)
    now = clock.now()
    if len(rows) > 1:
        return GrantForm(request.POST or None, until_help="不填的，各项按规则设定的有效期。")
    last_day = admissions.last_day_of(rows[0])
    if last_day < now.date():
        return GrantForm(request.POST or None, until_help="")
    initial = {"valid_until": admissions.default_until(last_day, now)}
    return GrantForm(request.POST or None, until_help=_until_help(last_day, now), initial=initial)


def _until_help(last_day: date, now: datetime) -> str:
    return f"不填的，至{full_day(admissions.default_until(last_day, now))}；最迟{full_day(last_day)}。"


def _show_at_field(form, refused: list[tuple[str, Refusal]]) -> None:
    """A date that was refused for the only request stands at its field."""
    if len(refused) == 1 and isinstance(refused[0][1], Incomplete):
        form.show(refused.pop()[1].problems)


def _case_of(row: LateAdmission):
    model = row.subject_type.model_class()
    entry = admissible.find(model._meta.label, row.rule_code)
    return entry, entry.rows(model._default_manager.all()).get(pk=row.subject_id)


def _line(row: LateAdmission) -> str:
    calendar = calendars.current()
    return line_of_due(due_by(row.rule, row.event_on, calendar), calendar, clock.today())


def _steps(row: LateAdmission) -> list[Step]:
    steps = []
    if row.requested_by:
        steps.append(Step(row.requested_at, "申请逾期特批", _who(row.requested_by), row.request_reason, "underway"))
    if row.state == AdmissionState.WITHDRAWN:
        last = row.history.order_by("-history_date", "-history_id").first()
        steps.append(Step(last.history_date, "撤回申请", str(last.history_user or ""), tone="waiting"))
    if row.decided_at:
        granted = row.state == AdmissionState.GRANTED
        tone = "done" if granted else "refused"
        steps.append(Step(row.decided_at, row.get_state_display(), _who(row.decided_by), row.decision_reason, tone))
    if row.used_at:
        steps.append(Step(row.used_at, "凭特批办理", str(row.used_by)))
    return steps


def _who(user) -> str:
    return f"{user}（{user.organisation.short_name}）" if user.organisation else str(user)
