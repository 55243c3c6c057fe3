"""The public pages: look-up by name, number and challenge, what is shown then, ticket, decision letter with receipt."""

from functools import partial

from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from approvals import papers
from approvals.certificates import electronic
from approvals.endings import ending_papers
from approvals.licences import acceptance_notices, letters, service_papers, serving
from approvals.licences.licensing import APPLICANT_RELATED
from approvals.models import Decision, EndingCase, LicenceApplicant
from approvals.public import challenges, seeing, throttle
from approvals.public.forms import AgreeForm, LookupForm
from certification import clock
from certification.documents.responses import pdf_response
from certification.organisations.models import User
from certification.people.models import Person
from certification.records.content import PDF
from certification.refusals import Refusal
from exams.tickets import printing

UNKNOWN = "姓名和证件号码与报名信息不一致，或者没有可以查询的事项。请核对后重试，或者联系培训机构。"
LOCKED = "查询失败次数过多，已暂停查询。请15分钟后再试，或者联系培训机构。"


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("name", "document_number")
def lookup(request):
    """Ask who it is; once proved, what there is to see. The numbers go by POST and stand in no address or log."""
    if request.method == "POST":
        return _left(request) if "leave" in request.POST else _looked_up(request)
    person = seeing.seen_by(request)
    return _show(request, person) if person else _ask(request)


@require_safe
def guide(request):
    """How to fetch the electronic certificate: the official places, and nothing that imitates it."""
    return render(request, "approvals/public/guide.html", {"guide": electronic.guide(clock.today())})


@never_cache
@require_safe
def ticket(request, pk: int):
    """The admission ticket."""
    person = _person(request)
    rows = list(printing.with_ticket().filter(pk=pk, application__person=person))
    if not rows:
        raise Http404
    try:
        content = printing.tickets(rows)
    except Refusal as refusal:
        return _show(request, person, refusal=refusal, status=409)
    seeing.note(request, person, "准考证")
    return pdf_response(content, f"ticket-{rows[0].ticket_number}.pdf")


@never_cache
@require_safe
def acceptance(request, pk: int):
    """The notice of acceptance, for this person alone: that of the whole act names others."""
    person = _person(request)
    rows = LicenceApplicant.objects.filter(candidate__application__person=person, acceptance__isnull=False)
    row = rows.select_related(*APPLICANT_RELATED, "acceptance__batch__organiser").filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        content = acceptance_notices.render_own(row)
    except Refusal as refusal:
        return _show(request, person, refusal=refusal, status=503)
    seeing.note(request, person, f"受理通知书 {row.acceptance.number}")
    return pdf_response(content, "acceptance.pdf")


@never_cache
@require_safe
def letter(request, pk: int):
    """The decision letter, once it was signed for, here or elsewhere."""
    person = _person(request)
    return _letter(request, person, _decision(person, pk), letters.KIND, "public:sign")


@never_cache
@require_safe
def ending_letter(request, pk: int):
    """The decision that ended the certificate, once it was signed for."""
    person = _person(request)
    return _letter(request, person, _ending(person, pk), ending_papers.KIND, "public:ending_sign")


@never_cache
@require_http_methods(["GET", "POST"])
def sign(request, pk: int):
    """Agree to be served here, and sign for the letter: the receipt is the evidence of service."""
    person = _person(request)
    decision = _decision(person, pk)
    said = f"对你的申请作出{decision.get_outcome_display()}决定"
    return _sign(request, person, decision, said, partial(serving.sign_online, decision_id=decision.pk))


@never_cache
@require_http_methods(["GET", "POST"])
def ending_sign(request, pk: int):
    """The same for the decision that ended the certificate."""
    person = _person(request)
    case = _ending(person, pk)
    said = f"作出{case.get_kind_display()}你的{case.certificate.job_type}操作证的决定"
    return _sign(request, person, case, said, partial(serving.sign_ending_online, case_id=case.pk))


@never_cache
@require_safe
def receipt(request, pk: int):
    """The receipt of a letter that was signed for."""
    person = _person(request)
    return _receipt(request, person, _decision(person, pk))


@never_cache
@require_safe
def ending_receipt(request, pk: int):
    """The receipt of the decision that ended the certificate."""
    person = _person(request)
    return _receipt(request, person, _ending(person, pk))


def _letter(request, person: Person, found: serving.Letter, kind: papers.Kind, sign_at: str):
    if found.served_at is None:
        return redirect(sign_at, found.pk)
    try:
        stored = papers.write(actor=User.objects.system(), kind=kind, pk=found.pk)
    except Refusal as refusal:
        return _show(request, person, refusal=refusal, status=503)
    serving.note(found, serving.Kind.OPENED, serving.Side.APPLICANT, now=clock.now())
    seeing.note(request, person, f"决定书 {found.number}")
    response = FileResponse(stored.file.open("rb"), filename=stored.name, content_type=PDF)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _sign(request, person: Person, found: serving.Letter, said: str, act):
    if found.served_at is not None:
        return redirect("public:lookup")
    serving.note(found, serving.Kind.SEEN, serving.Side.APPLICANT, now=clock.now())
    form, refusal = AgreeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            act(actor=User.objects.system())
            seeing.note(request, person, f"网上签收 {found.number}")
            return redirect("public:lookup")
        except Refusal as refused:
            refusal = refused
    context = {"decision": found, "said": said, "person": person, "form": form, "refusal": refusal}
    status = 422 if request.method == "POST" else 200
    return render(request, "approvals/public/sign.html", context, status=status)


def _receipt(request, person: Person, found: serving.Letter):
    if found.served_at is None:
        raise Http404
    try:
        content = service_papers.render(found)
    except Refusal as refusal:
        return _show(request, person, refusal=refusal, status=503)
    return pdf_response(content, "receipt.pdf")


def _looked_up(request):
    question_answered = challenges.answered(request.session, request.POST.get("answer", ""))
    form = LookupForm(request.POST)
    if not form.is_valid():
        return _ask(request, form)
    number = form.cleaned_data["document_number"]
    if throttle.is_locked(request, number):
        form.add_error(None, LOCKED)
        return _ask(request, form, status=429)
    if not question_answered:
        form.add_error("answer", "验证不正确或者已过期，请按新的题目重新计算。")
        return _ask(request, form)
    person = seeing.find(form.cleaned_data["name"], number)
    if person is None:
        throttle.failed(request, number)
        form.add_error(None, UNKNOWN)
        return _ask(request, form)
    seeing.open_for(request, person)
    return redirect("public:lookup")


def _ask(request, form: LookupForm | None = None, *, status: int = 0):
    """The form with a new question; what was typed stays, the answer goes."""
    question = challenges.ask(request.session)
    values = {name: form.data.get(name, "") for name in ("name", "document_number")} if form else None
    fresh = LookupForm(initial=values, question=question)
    context = {"form": fresh, "problems": _problems(form)}
    return render(request, "approvals/public/lookup.html", context, status=status or (422 if form else 200))


def _problems(form: LookupForm | None) -> list[str]:
    return [message for messages in form.errors.values() for message in messages] if form else []


def _left(request):
    seeing.leave(request)
    return redirect("public:lookup")


def _show(request, person: Person, *, refusal=None, status: int = 200):
    context = {
        "person": person,
        "cases": seeing.cases_of(person),
        "endings": seeing.endings_of(person),
        "refusal": refusal,
    }
    return render(request, "approvals/public/cases.html", context, status=status)


def _person(request) -> Person:
    person = seeing.seen_by(request)
    if person is None:
        raise Http404
    return person


def _decision(person: Person, pk: int) -> Decision:
    rows = Decision.objects.select_related(*letters.RELATED, "letter")
    decision = rows.filter(pk=pk, applicant__candidate__application__person=person).first()
    if decision is None:
        raise Http404
    return decision


def _ending(person: Person, pk: int) -> EndingCase:
    case = seeing.endings_of(person).filter(pk=pk).first()
    if case is None:
        raise Http404
    return case
