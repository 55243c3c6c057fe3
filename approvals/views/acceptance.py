"""The acceptance clerk's desk: acceptance or not, correction, and the check of scores and names."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.forms.corrections import ItemsForm
from approvals.forms.licences import TABS, NotAcceptedForm
from approvals.licences import acceptance as desk
from approvals.licences import acceptance_notices, not_accepting, withdrawals
from approvals.licences.licensing import ACCEPTANCE, APPLICANT_RELATED, DECISION
from approvals.models import AcceptanceNotice, CorrectionNotice, LicenceApplicant
from approvals.views import papers
from approvals.views.selection import run_bulk
from certification import clock
from certification.deadlines import ledger
from certification.documents.responses import pdf_response
from certification.forms import placed
from certification.paging import keyset_page
from certification.records import accesses
from certification.refusals import Refusal
from certification.selection import ticked

# What each is called, what its results say, who acts next, and what does it.
ACTS = {
    "accept": ("受理", "已受理", "受理后由受理员核对成绩和名单。", desk.accept),
    "reconcile": (
        "核对成绩和名单",
        "已核对",
        "核对无差异的，由审批人决定是否准予许可；有差异的，由考试组织单位核实后重新报送。",
        desk.reconcile,
    ),
    "ask_correction": ("一次性告知补正", "已告知补正", "由考试组织单位补正后重新提交。", desk.ask_correction),
}


@require_safe
def acceptance(request):
    """Who waits for acceptance, for the check, or for the organiser's correction."""
    return _show(request, request.GET.get("tab", ""))


@require_POST
def acceptance_act(request):
    """Accept, check, or ask for a correction: everyone who was ticked, with a result per row."""
    tab, name = request.POST.get("tab", ""), request.POST.get("act", "")
    back = f"{reverse('approvals:acceptance')}?tab={tab if tab in TABS else ''}"
    if name not in ACTS:
        return redirect(back)
    title, done, then, act = ACTS[name]
    details = {}
    if name == "ask_correction":
        form = ItemsForm(request.POST, day=clock.today())
        if not form.is_valid():
            return _show(request, tab, form=form, chosen=ticked(request.POST, "ids"), status=422)
        details = {"items": form.items()}
    return run_bulk(
        request,
        lambda ids: act(actor=request.user, applicant_ids=ids, **details),
        title=title,
        back=back,
        done=done,
        then=then,
    )


@require_http_methods(["GET", "POST"])
def not_accept(request, pk: int):
    """Do not accept one person's application, with ground, facts, basis and reasons."""
    row = get_object_or_404(LicenceApplicant.objects.visible_to(request.user).select_related(*APPLICANT_RELATED), pk=pk)
    form = NotAcceptedForm(request.POST or None, grounds=not_accepting.grounds(clock.today()).values())
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = not_accepting.not_accept(actor=request.user, applicant_id=row.pk, **form.cleaned_data)
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已对{row}作出不予受理决定：{made.number}。请送达本人。")
            return redirect("approvals:applicant", row.pk)
    application = row.candidate.application
    context = {"applicant": row, "application": application, "person": application.person}
    context |= {"form": form, "refusal": refusal}
    status = 422 if request.method == "POST" else 200
    return render(request, "approvals/licences/not_accept.html", context, status=status)


@require_safe
def paper(request, pk: int):
    """The notice of an act of acceptance with all its names; made now if the job has not made it yet."""
    notice = get_object_or_404(AcceptanceNotice.objects.visible_to(request.user), pk=pk)
    return papers.sent(
        request, acceptance_notices.KIND, notice, back=reverse("approvals:licence", args=[notice.batch_id])
    )


@require_safe
def own_paper(request, pk: int):
    """The notice for one person alone, to be handed on: it names nobody else."""
    rows = LicenceApplicant.objects.visible_to(request.user).filter(acceptance__isnull=False)
    row = get_object_or_404(rows.select_related(*APPLICANT_RELATED, "acceptance__batch__organiser"), pk=pk)
    try:
        content = acceptance_notices.render_own(row)
    except Refusal as refusal:
        back = reverse("approvals:clocks", args=[row.pk])
        return papers.unmade(request, refusal, title=acceptance_notices.TITLE, back=back)
    accesses.take_out(row, actor=request.user, now=clock.now(), what=acceptance_notices.TITLE, persons=1)
    return pdf_response(content, "acceptance.pdf")


def _show(request, tab: str, *, form=None, chosen=(), status: int = 200):
    tab = tab if tab in TABS else "submitted"
    label, state = TABS[tab]
    rows = (
        LicenceApplicant.objects.visible_to(request.user)
        .filter(state=state)
        .select_related("batch__organiser", "candidate__application__person", "candidate__application__job_type")
    )
    page = keyset_page(request, rows, ("received_at", "pk"))
    clocks = ledger.find_all(ACCEPTANCE if tab == "submitted" else DECISION, page.rows)
    asked = CorrectionNotice.objects.open().filter(applicant__in=[row.pk for row in page.rows])
    notices = {notice.applicant_id: notice for notice in asked}
    last = withdrawals.last_days(notices.values())
    context = {
        "tab": tab,
        "label": label,
        "tabs": [(key, name) for key, (name, _state) in TABS.items()],
        "page": page,
        "rows": [(row, clocks.get(row.pk), notices.get(row.pk), last.get(row.pk)) for row in page],
        "today": clock.today(),
        "form": form or ItemsForm(day=clock.today()),
        "deemed": desk.unanswered_in_time(page.rows, clock.now()) if tab == "submitted" else set(),
        "ticked": set(chosen),
    }
    return render(request, "approvals/licences/acceptance.html", context, status=status)
