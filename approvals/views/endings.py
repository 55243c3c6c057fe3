"""Revocation and cancellation on screen: the list, one case with its steps, proposing, deciding, the papers."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.certificates.registers import certificates_visible_to
from approvals.endings import ending as desk
from approvals.endings import ending_papers
from approvals.forms.endings import EndingFilter, HearForm, OpinionForm, ProposeForm
from approvals.forms.licences import SignatureForm
from approvals.licences import service_papers, serving
from approvals.models import EndingCase
from approvals.states import ENDING, EndingState
from approvals.views import papers
from certification import clock
from certification.documents.responses import pdf_response
from certification.forms import placed
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act, confirm_page
from certification.records import accesses
from certification.refusals import Refusal
from certification.workdays.wording import full_day

RELATED = (
    "certificate__person",
    "certificate__job_type__group",
    "proposed_by__person",
    "proposed_on_behalf_of__person",
    "decided_by__person",
    "decided_on_behalf_of__person",
    "bar_case",
    "letter",
)


@require_safe
def endings(request):
    """Cases, the newest first."""
    form = EndingFilter(request.GET)
    rows = form.apply(EndingCase.objects.visible_to(request.user).select_related(*RELATED))
    context = {"form": form, "page": keyset_page(request, rows, ("-pk",)), "is_set": bool(form.chosen)}
    return render(request, "approvals/endings/list.html", context)


@require_safe
def ending(request, pk: int):
    """One case."""
    return _show(request, _case(request, pk))


@require_POST
def sign(request, pk: int):
    """Note that the decision was handed over against signature."""
    case = _case(request, pk)
    form, refusal = SignatureForm(request.POST, request.FILES), None
    if form.is_valid():
        try:
            serving.sign_for_ending(actor=request.user, case_id=case.pk, **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已登记{case.certificate.person}签收{case.number}。")
            return redirect("approvals:ending", case.pk)
    return _show(request, case, form=form, refusal=refusal, status=422)


@require_safe
def receipt(request, pk: int):
    """The receipt (送达回证), to be signed or as it was signed."""
    case = _case(request, pk)
    if case.state != EndingState.DECIDED:
        raise Http404
    try:
        content = service_papers.render(case)
    except Refusal as refusal:
        return papers.unmade(request, refusal, title="送达回证", back=reverse("approvals:ending", args=[case.pk]))
    accesses.take_out(case, actor=request.user, now=clock.now(), what="送达回证", persons=1)
    return pdf_response(content, "receipt.pdf")


def _show(request, case: EndingCase, *, form=None, refusal=None, status: int = 200):
    decided = case.state == EndingState.DECIDED
    signs = decided and case.served_at is None and may(request.user, serving.ACTION)
    initial = {"signatory": case.certificate.person.name, "signed_on": clock.today()}
    proposes = may(request.user, desk.PROPOSE)
    against = desk.against(case, request.user) if may(request.user, desk.DECIDE) else None
    decides = may(request.user, desk.DECIDE) and against is None
    heard = not case.needs_hearing or case.state == EndingState.HEARD
    context = {
        "case": case,
        "person": case.certificate.person,
        "may_tell": proposes and case.needs_hearing and ENDING.allows("tell", case.state),
        "may_hear": proposes and ENDING.allows("hear", case.state),
        "may_decide": decides and heard and ENDING.allows("decide", case.state),
        "may_drop": decides and ENDING.allows("drop", case.state),
        "against": against if ENDING.allows("drop", case.state) else None,
        "entries": timeline.entries(case),
        "told": told.of(request.user, case),
        "decided": decided,
        "events": case.service_events.select_related("by__person", "file") if decided else [],
        "form": (form or SignatureForm(initial=initial)) if signs else None,
        "refusal": refusal,
    }
    return render(request, "approvals/endings/detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
def propose(request, certificate_id: int):
    """Put the end of one certificate forward."""
    rows = certificates_visible_to(request.user).select_related("person", "job_type")
    certificate = get_object_or_404(rows, pk=certificate_id)
    form = ProposeForm(request.POST or None, grounds=desk.grounds(clock.today()))
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            case = desk.propose(actor=request.user, certificate_id=certificate.pk, **form.cleaned_data)
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已提请{case.get_kind_display()}{certificate.person}的操作证。")
            return redirect("approvals:ending", case.pk)
    return confirm_page(
        request,
        title="提请撤销、注销",
        sentence=f"{certificate.person}（{certificate.person.masked_number}）的{certificate.job_type}操作证，"
        f"有效期至{full_day(certificate.valid_until)}。",
        consequences=[
            "撤销先告知当事人并听取意见，由省级负责人决定；注销由另一名决定人作出。决定以前操作证照常有效。",
            "以欺骗等不正当手段取得的，同时提请禁考。",
        ],
        action_label="提请",
        cancel_url=reverse("approvals:certificate", args=[certificate.pk]),
        subject=certificate.person,
        form=form,
        refusal=refusal,
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def tell(request, pk: int):
    """Tell the holder."""
    return _act(
        request,
        pk,
        None,
        desk.tell,
        title="告知当事人",
        sentence="编定告知书文号，告知{who}事实、依据和陈述申辩、要求听证的权利；"
        f"自今日起{desk.hearing_days(clock.today())}个工作日内可以要求听证。",
        label="告知",
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def hear(request, pk: int):
    """Put the holder's words on record."""
    return _act(
        request,
        pk,
        HearForm,
        desk.hear,
        title="登记陈述申辩和听证",
        sentence="登记{who}的陈述申辩和听证。",
        label="登记",
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def decide(request, pk: int):
    """End the certificate."""
    return _act(
        request,
        pk,
        OpinionForm,
        desk.decide,
        title="作出决定",
        sentence="{what}{who}的操作证：编定文号，生成决定书（写明事实、依据和救济途径），操作证自今日起失效。",
        label="作出决定",
    )


@require_http_methods(["GET", "POST"])
def drop(request, pk: int):
    """Leave the certificate as it is."""
    return _act(
        request,
        pk,
        OpinionForm,
        desk.drop,
        title="不予撤销、注销",
        sentence="不同意提请，{who}的操作证照常有效。",
        label="不予撤销、注销",
    )


@require_safe
def letter(request, pk: int):
    """The decision's letter; made now if the job has not made it yet."""
    case = _case(request, pk)
    if case.state != EndingState.DECIDED:
        raise Http404
    return papers.sent(request, ending_papers.KIND, case, back=reverse("approvals:ending", args=[case.pk]))


@require_safe
def notice(request, pk: int):
    """The notice to the holder."""
    case = _case(request, pk)
    if case.told_at is None:
        raise Http404
    try:
        content = ending_papers.notice(case)
    except Refusal as refusal:
        return papers.unmade(request, refusal, title="告知书", back=reverse("approvals:ending", args=[case.pk]))
    return pdf_response(content, "notice.pdf")


def _act(request, pk: int, form_class, act, *, title: str, sentence: str, label: str, danger: bool = True):
    case = _case(request, pk)
    person = case.certificate.person
    who = f"{person}（{person.masked_number}，{case.certificate.job_type}）"
    return confirm_and_act(
        request,
        partial(act, actor=request.user, case_id=case.pk),
        done=f"{person}：{title}，已办理。",
        title=title,
        sentence=sentence.format(who=who, what=case.get_kind_display()),
        action_label=label,
        cancel_url=reverse("approvals:ending", args=[case.pk]),
        subject=person,
        form=form_class(request.POST or None) if form_class else None,
        danger=danger,
    )


def _case(request, pk: int) -> EndingCase:
    return get_object_or_404(EndingCase.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
