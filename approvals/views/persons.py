"""Persons: the register, one person across classes, applications and certificates, names, declared facts."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.bars import proposing
from approvals.certificates.registers import certificates_visible_to
from approvals.forms.persons import DeclarationForm, DocumentForm, NameForm, PersonFilter, ReasonForm
from approvals.models import BarCase, DocumentChange
from approvals.persons import changing
from approvals.persons import persons as desk
from certification import clock
from certification.forms import placed
from certification.organisations.access import may
from certification.organisations.roles import REACH, Reach
from certification.paging import keyset_page
from certification.people import documents
from certification.people.models import Bar, CertificateState, NameStanding, Person, PersonName
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.records import evidence
from certification.refusals import Refusal
from exams.models import ExamApplication
from training.models import Trainee


@require_safe
def persons(request):
    """Persons within this person's reach, those registered last on top."""
    form = PersonFilter(request.GET or None)
    page = keyset_page(request, form.apply(desk.persons_visible_to(request.user)), ("-pk",))
    open_names = PersonName.objects.filter(person__in=page.rows, standing=NameStanding.OPEN).values_list("person")
    flagged = {pk for (pk,) in open_names}
    rows = [(person, person.pk in flagged) for person in page]
    return render(request, "approvals/persons/list.html", {"form": form, "page": page, "rows": rows})


@require_safe
def person(request, pk: int):
    """One person, as far as this user sees of them; the number is masked."""
    return _show(request, _person(request, pk))


@require_http_methods(["GET", "POST"])
def person_number(request, pk: int):
    """The whole number, once, in answer to a POST; the log line is written before it is shown."""
    found = _person(request, pk)
    if request.method != "POST":
        return redirect("approvals:person", found.pk)
    return _show(request, found, number=desk.reveal_number(actor=request.user, person_id=found.pk))


@require_http_methods(["GET", "POST"])
def person_rename(request, pk: int):
    """Correct the registered name; ``?name=`` proposes one that was given in a filing."""
    found = _person(request, pk)
    form, refusal = NameForm(request.POST or None, initial={"name": request.GET.get("name", "")}), None
    if request.method == "POST" and form.is_valid():
        try:
            desk.correct_name(actor=request.user, person_id=found.pk, **form.cleaned_data)
        except Refusal as refused:
            refusal = placed(form, refused)
        else:
            messages.success(request, f"姓名已更正为“{form.cleaned_data['name']}”，“{found.name}”记为曾用名。")
            return redirect("approvals:person", found.pk)
    context = {"person": found, "form": form, "refusal": refusal}
    return render(request, "approvals/persons/rename.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def person_document(request, pk: int):
    """Enter another identity document of the same person, with its proof."""
    found = _person(request, pk)
    held = certificates_visible_to(request.user).filter(person=found, state=CertificateState.VALID).count()
    return confirm_and_act(
        request,
        partial(changing.change_document, actor=request.user, person_id=found.pk),
        done=lambda row: f"{found}的证件已变更：{row.before} → {row.after}。",
        title="变更证件",
        sentence=f"{found}现登记的证件为{found.get_document_type_display()} {found.masked_number}，变更为新的证件。",
        consequences=[
            f"有效的 {held} 本操作证改用新的证号；已领取实体证书的，由本人到窗口换领。",
            "原证件号码保留，按原号码仍可查到本人；公众查询改用新号码。",
            "已经形成的名单、准考证、决定书和已封存的档案不改变。",
        ],
        action_label="变更证件",
        cancel_url=reverse("approvals:person", args=[found.pk]),
        subject=found,
        form=DocumentForm(request.POST or None, request.FILES or None),
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def person_name_dismiss(request, pk: int):
    """Settle that a name given differently was a slip."""
    noted = get_object_or_404(PersonName.objects.select_related("person"), pk=pk)
    found = _person(request, noted.person_id)
    return confirm_and_act(
        request,
        partial(desk.dismiss_name, actor=request.user, name_id=noted.pk),
        done=f"“{noted}”已排除，登记姓名仍为“{found.name}”。",
        title="排除不一致的姓名",
        sentence=f"确认“{noted}”（{noted.source}）是误填，{found.name}的登记姓名不变。",
        action_label="排除",
        cancel_url=reverse("approvals:person", args=[found.pk]),
        subject=found,
        form=ReasonForm(request.POST or None),
    )


@require_http_methods(["GET", "POST"])
def person_declare(request, pk: int):
    """Note what the person declares of their retirement."""
    found = _person(request, pk)
    form = DeclarationForm(request.POST or None, person=found, limit=desk.delay_limit(clock.today()))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            said = desk.declare(actor=request.user, person_id=found.pk, **form.cleaned_data)
        except Refusal as refused:
            refusal = placed(form, refused)
        else:
            messages.success(request, f"已登记：{said}。")
            return redirect("approvals:person", found.pk)
    context = {"person": found, "form": form, "refusal": refusal}
    return render(request, "approvals/persons/declare.html", context, status=422 if form.is_bound else 200)


def _changes(user, found: Person) -> list:
    """Changes of the document with their proof, for whoever may see them."""
    rows = list(DocumentChange.objects.visible_to(user).filter(person=found).select_related("changed_by__person"))
    files = evidence.kept(DocumentChange, [row.pk for row in rows]) if rows else {}
    return [(row, files.get(row.pk, [])) for row in rows]


def _person(request, pk: int) -> Person:
    return get_object_or_404(desk.persons_visible_to(request.user), pk=pk)


def _show(request, found: Person, number: str = ""):
    user = request.user
    certificates = certificates_visible_to(user).filter(person=found)
    trainings = Trainee.objects.visible_to(user).filter(person=found)
    applications = ExamApplication.objects.visible_to(user).filter(person=found)
    # An institution is not told what others filed about the person, nor who they are (rules 5).
    authority = bool({REACH[role] for role in user.roles_on(clock.today())} & {Reach.PROVINCE, Reach.CITY})
    context = {
        "person": found,
        "number": number,
        "may_reveal": may(user, desk.VIEW) and not number,
        "may_settle": may(user, desk.SETTLE),
        "may_declare": may(user, desk.DECLARE),
        "certificates": certificates.select_related("job_type", "register_import").order_by("-valid_from", "-pk"),
        "names": found.names.select_related("noted_by__person", "settled_by__person").order_by("-noted_at", "-pk"),
        "former": documents.former_of(found),
        "changes": _changes(user, found),
        "declarations": found.declarations.select_related("declared_by__person").order_by("-pk"),
        "trainings": trainings.select_related("plan__job_type", "plan__institution").order_by("-pk"),
        "applications": applications.select_related("job_type", "plan__institution").order_by("-pk"),
        "bars": Bar.objects.filter(person=found).select_related("case").order_by("-barred_from", "-pk"),
        "bar_cases": set(BarCase.objects.visible_to(user).filter(person=found).values_list("pk", flat=True)),
        "may_propose_bar": may(user, proposing.PROPOSE),
        "sees_reasons": authority,
        "sees_imports": may(user, "approvals.view_register_imports"),
        "may": {
            "certificates": may(user, "approvals.view_certificates"),
            "trainings": may(user, "training.view"),
            "applications": may(user, "exams.application.view"),
        },
        "entries": timeline.entries(found) if authority else [],
        "today": clock.today(),
    }
    response = render(request, "approvals/persons/detail.html", context)
    response["Cache-Control"] = "no-store"
    return response
