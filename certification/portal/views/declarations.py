"""回避和代办: one's own declarations and deputies, for heads those of the organisation, for auditors everybody's."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import clock
from certification.forms import placed
from certification.organisations import acting, conflicts
from certification.organisations.access import may
from certification.organisations.models import ActingFor, Conflict, User
from certification.organisations.roles import Role
from certification.portal import deputies
from certification.portal.confirm import confirm_page
from certification.portal.declaration_forms import ConflictForm, DeputyForm, EndForm
from certification.portal.middleware import ACTING_FOR
from certification.refusals import Refusal
from certification.workdays.wording import plain_day

PAGE = "portal:declarations"


@require_safe
def overview(request):
    """What stands and what ended; each line with what this person may do about it."""
    user, now = request.user, clock.now()
    appoints = may(user, acting.APPOINT)
    day = clock.day_of(now)
    rows = list(_deputies(user).order_by("-valid_until", "-pk"))
    may_act = {row.pk for row in ActingFor.objects.in_force(day).filter(deputy=user)}
    context = {
        "conflicts": list(_conflicts(user).order_by("ended_at", "-declared_at")),
        "deputies": [(row, _standing(row, day), row.pk in may_act, _may_end(user, row, day)) for row in rows],
        "declares": may(user, conflicts.DECLARE),
        "appoints": appoints and user.acting_for is None,
        "others": appoints or may(user, conflicts.VIEW) and Role.AUDITOR in user.roles_on(day),
    }
    return render(request, "portal/declarations/overview.html", context)


@sensitive_post_parameters("identity")
@require_http_methods(["GET", "POST"])
def conflict_declare(request):
    """Declare for oneself; a head with ``?account=`` for somebody of the organisation."""
    account = _account(request)
    form, refusal = ConflictForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            row = conflicts.declare(actor=request.user, user_id=account.pk, **form.terms())
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已申报回避：{row}。相关事项不再由{account}办理。")
            return redirect(PAGE)
    context = {"form": form, "refusal": refusal, "account": account, "own": account.pk == request.user.pk}
    return render(request, "portal/declarations/conflict.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def conflict_end(request, pk: int):
    """Ask why, then end one declaration."""
    row = get_object_or_404(_conflicts(request.user), pk=pk)
    form, refusal = EndForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            conflicts.end(actor=request.user, conflict_id=row.pk, reason=form.cleaned_data["reason"])
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, "回避申报已结束，记录保留。")
            return redirect(PAGE)
    return confirm_page(
        request,
        title="结束回避申报",
        sentence=f"结束后，{row.person.name}可以办理与“{row.about}”有关的事项。",
        action_label="结束申报",
        cancel_url=_address(),
        form=form,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def deputy_appoint(request):
    """Name who acts for an absent colleague."""
    form = DeputyForm(
        request.POST or None,
        organisation=request.user.organisation,
        initial={"valid_from": clock.today(), "absent": request.GET.get("absent")},
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            rows = deputies.appoint(actor=request.user, **form.terms())
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已指定{rows[0].deputy}代 {rows[0].absent} 办理，双方已收到通知。")
            return redirect(PAGE)
    context = {"form": form, "refusal": refusal}
    return render(request, "portal/declarations/deputy.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def deputy_end(request, pk: int):
    """End it before its last day."""
    row = get_object_or_404(_deputies(request.user), pk=pk)
    if not _may_end(request.user, row, clock.today()):
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        try:
            deputies.end(actor=request.user, acting_id=row.pk)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"代办已结束：{row}。")
            return redirect(PAGE)
    return confirm_page(
        request,
        title="提前结束代办",
        sentence=f"{row.deputy} 将不再代 {row.absent} 办理{row.get_role_display()}的工作，已办的事项不变。",
        action_label="结束代办",
        cancel_url=_address(),
        refusal=refusal,
    )


@require_POST
def act_for(request, absent_id: int):
    """From now on this session acts for somebody who is absent."""
    if request.user.acting_for is None and not acting.act_for(request.user, absent_id, clock.today()):
        raise Http404
    request.session[ACTING_FOR] = absent_id
    messages.success(
        request, f"现在代 {request.user.acting_for} 办理；所办事项记为“{request.user} 代 {request.user.acting_for}”。"
    )
    return redirect("portal:home")


@require_POST
def act_stop(request):
    """Back to one's own work."""
    request.session.pop(ACTING_FOR, None)
    messages.success(request, "已结束代办，回到本人的工作。")
    return redirect("portal:home")


def _conflicts(user: User):
    rows = Conflict.objects.for_display()
    if Role.AUDITOR in user.roles_on(clock.today()):
        return rows
    if may(user, acting.APPOINT):
        return rows.filter(person__accounts__organisation=user.organisation_id).distinct()
    return rows.filter(person=user.person_id)


def _deputies(user: User):
    rows = ActingFor.objects.for_display()
    if Role.AUDITOR in user.roles_on(clock.today()):
        return rows
    if may(user, acting.APPOINT):
        return rows.of_organisation(user)
    return rows.filter(absent=user) | rows.filter(deputy=user)


def _standing(row: ActingFor, day) -> tuple[str, str]:
    """The word and tone of a line."""
    if row.ended_at:
        return "已提前结束", "waiting"
    if row.valid_until < day:
        return "已到期", "waiting"
    return (f"{plain_day(row.valid_from)} 起", "waiting") if row.valid_from > day else ("代办中", "underway")


def _may_end(user: User, row: ActingFor, day) -> bool:
    if row.ended_at or row.valid_until < day or user.acting_for is not None:
        return False
    own = row.absent.organisation_id == user.organisation_id and may(user, acting.APPOINT)
    return own or row.absent_id == user.pk


def _account(request) -> User:
    text = request.GET.get("account", "")
    if not text or text == str(request.user.pk):
        return request.user
    if not may(request.user, acting.APPOINT) or not text.isdecimal():
        raise Http404
    return get_object_or_404(User.objects.select_related("person"), pk=text, organisation=request.user.organisation_id)


def _address() -> str:
    return reverse(PAGE)
