"""Bars on screen (禁考): the list, one case with proof, letter, appeal and timeline, proposing, deciding, lifting."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.bars import bar_papers, deciding, proposing
from approvals.forms.bars import (
    IN_FORCE,
    OVER,
    AppealForm,
    BarFilter,
    DecideForm,
    LiftForm,
    ProposeForm,
    WithdrawForm,
    standing,
)
from approvals.lists import bounded
from approvals.models import BarCase
from approvals.models.bars import IMPOSED_STATES
from approvals.persons.persons import persons_visible_to
from approvals.reviews.telling import is_office
from approvals.states import BAR, BarState
from approvals.views import papers
from certification import clock
from certification.forms import placed
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.people.models import Bar
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.records.models import TransitionLog
from certification.refusals import Refusal
from certification.selection import is_id
from certification.workdays.wording import full_day
from exams.models import ExamApplication

COUNTED = ((BarState.PROPOSED, "待决定"), (IN_FORCE, "禁考中"), (OVER, "已期满"), (BarState.LIFTED, "已解除"))


@require_safe
def bars(request):
    """Bars and proposals within the user's reach, the newest first; institutions see what was imposed on their own."""
    form, today = BarFilter(request.GET), clock.today()
    seen = BarCase.objects.visible_to(request.user)
    page = keyset_page(request, form.apply(seen.with_case(), today), ("-id",))
    counts = bounded.counts({code: standing(seen, code, today) for code, _label in COUNTED})
    current = form.chosen.get("standing", "")
    office = is_office(request.user)
    context = {
        "form": form,
        "page": page,
        "tabs": [
            (label, counts[code], urlencode({"standing": code}), code == current)
            for code, label in COUNTED
            if office or code != BarState.PROPOSED
        ],
        "is_set": bool(form.chosen),
        "today": today,
        "is_office": office,
    }
    return render(request, "approvals/bars/list.html", context)


@require_safe
def bar(request, pk: int):
    """One case."""
    case = _case(request, pk)
    office, heads = is_office(request.user), may(request.user, deciding.ACTION)
    today = clock.today()
    context = {
        "case": case,
        "person": case.person,
        "term": deciding.period(case.ground, today) if case.state == BarState.PROPOSED else None,
        "concerned": deciding.concerned(case, today) if heads and case.state == BarState.PROPOSED else None,
        "clause": deciding.period(case.ground, today).clause,
        "files": list(case.files.select_related("file")) if office else [],
        "appeals": list(case.appeals.select_related("noted_by__person")),
        "breach": deciding.breach_of(case, request.user) if heads else None,
        "is_head": heads,
        "withdrawal": TransitionLog.objects.about(case).filter(name="withdraw").select_related("actor").first(),
        "may_withdraw": may(request.user, proposing.PROPOSE)
        and proposing.is_proposer(case, request.user)
        and BAR.allows("withdraw", case.state),
        "is_office": office,
        "may_see_person": may(request.user, "approvals.view_persons"),
        "may_see_case": may(request.user, "approvals.view_case"),
        "entries": timeline.entries(case, inside=office) if office else [],
        "told": told.of(request.user, case),
        "today": today,
    }
    response = render(request, "approvals/bars/detail.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def propose(request):
    """Propose a bar of the person (``?person=``) or of whoever applied (``?application=``), with the ``?ground=`` that
    was found there."""
    if not {"person", "application"} & request.GET.keys():
        messages.info(request, "请先选定人员，再提请禁考。")
        return redirect("approvals:persons")
    person, application = _about(request)
    periods = {ground: deciding.period(ground, clock.today()) for ground in Bar.Ground}
    initial = {"ground": request.GET.get("ground", "")}
    form = ProposeForm(request.POST or None, request.FILES or None, periods=periods, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            case = proposing.propose(
                actor=request.user,
                person_id=person.pk,
                application_id=application.pk if application else None,
                **form.cleaned_data,
            )
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as refused:
            refusal = placed(form, refused)
        else:
            messages.success(request, f"已提请对{person.name}禁考，由省级负责人决定。")
            return redirect("approvals:bar", case.pk)
    back = reverse("approvals:case", args=[application.pk]) if application else _person_url(person.pk)
    context = {"form": form, "person": person, "application": application, "refusal": refusal, "back": back}
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "approvals/bars/propose.html", context, status=status)


@require_http_methods(["GET", "POST"])
def impose(request, pk: int):
    """What the bar would be and what would end, with names and numbers; POST with the head's word imposes it."""
    case = _case(request, pk)
    term = deciding.period(case.ground, clock.today())
    lines = [f"期限由现行规则确定：{term.months} 个月（{term.clause}），到期自行结束。"]
    concerned = deciding.concerned(case, clock.today())
    for one in concerned.applications:
        place = f"，退出场次 {one.place.session.number}、座位释放" if one.place else ""
        lines.append(
            f"申报 {one.application.number or '（草稿）'}（{one.application.job_type}，"
            f"{one.application.get_state_display()}）终止{place}；已开考的保留。"
        )
    lines += [f"从班级 {plan.number}（{plan}）退班，已记的考勤和学时保留。" for plan in concerned.classes]
    lines.append("生成决定书（PDF），通知培训机构、考试组织单位和提请人。")
    return _act(
        request,
        case,
        DecideForm(request.POST or None),
        act=deciding.impose,
        title="作出禁考决定",
        sentence=f"对{case.person.name}（{case.person.masked_number}）自{full_day(term.first)}至{full_day(term.last)}禁考，"
        f"事由：{case.get_ground_display()}。",
        consequences=lines,
        label="作出禁考决定",
        done=f"已对{case.person.name}作出禁考决定，相关单位已收到通知。",
    )


@require_http_methods(["GET", "POST"])
def withdraw(request, pk: int):
    """The proposer takes the proposal back, with a reason."""
    case = _case(request, pk)
    return _act(
        request,
        case,
        WithdrawForm(request.POST or None),
        act=proposing.withdraw,
        title="撤回禁考提请",
        sentence=f"撤回对{case.person.name}（{case.get_ground_display()}）的禁考提请，省级负责人不再决定。",
        consequences=["提请、证据和撤回的理由保留在记录中。", "省级负责人收到通知；有新的证据可以再次提请。"],
        label="撤回提请",
        done="提请已撤回。",
    )


@require_http_methods(["GET", "POST"])
def decline(request, pk: int):
    """Turn the proposal down, with a reason."""
    case = _case(request, pk)
    return _act(
        request,
        case,
        DecideForm(request.POST or None),
        act=deciding.decline,
        title="不予禁考",
        sentence=f"不同意{case.organisation}对{case.person.name}的禁考提请，本人的申报不受影响。",
        consequences=["提请人收到通知，能看到理由。"],
        label="不予禁考",
        done="已决定不予禁考，提请人已收到通知。",
    )


@require_http_methods(["GET", "POST"])
def appeal(request, pk: int):
    """Put an appeal on record."""
    case = _case(request, pk)
    return _act(
        request,
        case,
        AppealForm(request.POST or None),
        act=deciding.note_appeal,
        title="登记申诉",
        sentence=f"登记{case.person.name}对{case.number or '禁考'}的申诉、复议或者诉讼；禁考在解除以前继续有效。",
        label="登记",
        done="申诉已登记。",
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def lift(request, pk: int):
    """End the bar before its last day, with a reason."""
    case = _case(request, pk)
    return _act(
        request,
        case,
        LiftForm(request.POST or None),
        act=deciding.lift,
        title="解除禁考",
        sentence=f"自即日起解除对{case.person.name}的禁考（{case.number or '—'}）。",
        consequences=["本人可以重新列入名单、申报考试；因禁考终止的申报不恢复。", "培训机构和考试组织单位收到通知。"],
        label="解除禁考",
        done=f"已解除对{case.person.name}的禁考。",
    )


@require_safe
def letter(request, pk: int):
    """The letter; made now if the job has not made it yet."""
    case = get_object_or_404(
        BarCase.objects.visible_to(request.user).filter(state__in=IMPOSED_STATES).with_case(), pk=pk
    )
    return papers.sent(request, bar_papers.KIND, case, back=reverse("approvals:bar", args=[case.pk]))


def _act(request, case: BarCase, form, *, act, title, sentence, label, done, consequences=(), danger=True):
    """The page before one of the head's acts, and the act; back to the case."""
    return confirm_and_act(
        request,
        partial(act, actor=request.user, case_id=case.pk),
        done=done,
        title=title,
        sentence=sentence,
        action_label=label,
        cancel_url=reverse("approvals:bar", args=[case.pk]),
        subject=case,
        consequences=consequences,
        form=form,
        danger=danger,
    )


def _case(request, pk: int) -> BarCase:
    return get_object_or_404(BarCase.objects.visible_to(request.user).with_case(), pk=pk)


def _about(request):
    """The person whom the address names, and the application if it names one; another's answers 404."""
    if number := request.GET.get("application", ""):
        rows = ExamApplication.objects.visible_to(request.user).select_related("person", "job_type", "institution")
        application = get_object_or_404(rows, pk=_number(number))
        return application.person, application
    return get_object_or_404(persons_visible_to(request.user), pk=_number(request.GET.get("person", ""))), None


def _number(text: str) -> int:
    if not is_id(text):
        raise Http404
    return int(text)


def _person_url(pk: int) -> str:
    return reverse("approvals:person", args=[pk])
