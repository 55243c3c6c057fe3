"""The window: who asks for a card, printing, and handing over against the identity card."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from approvals.certificates import blanks
from approvals.certificates import cards as desk
from approvals.forms.certificates import CancelForm, CardNumberForm, HolderForm, ReplacementForm, ReprintForm
from approvals.models import CardRequest
from approvals.states import CARD, CardState
from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.confirm import confirm_and_act
from certification.refusals import Refusal


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("document_number")
def cards(request):
    """The requests of this window; POST looks up what the holder of an identity card may ask for.

    The number goes by POST, so that it stands in no address and no server log.
    """
    handles = may(request.user, blanks.ACTION)
    form = HolderForm(request.POST if request.method == "POST" and handles else None)
    found = None
    if form.is_bound and form.is_valid():
        number = form.cleaned_data["document_number"]
        found = list(desk.find_certificates(request.user.organisation, number, clock.today()))
    state = request.GET.get("state", "")
    rows = CardRequest.objects.visible_to(request.user).select_related(
        "certificate__person", "certificate__job_type", "window"
    )
    if state in CardState.values:
        rows = rows.filter(state=state)
    context = {
        "form": form if handles else None,
        "found": found,
        "state": state,
        "states": CardState.choices,
        "page": keyset_page(request, rows, ("-pk",)),
        "handles": handles,
    }
    response = render(request, "approvals/cards/list.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def card_request(request, certificate_id: int):
    """Take the request of the holder who stands at the window: the first card at once; another one with why and what
    happened to the one before."""
    if request.method == "POST" and "reason" not in request.POST:
        return _requested(request, certificate_id)
    found = desk.certificates_at(request.user.organisation, clock.today()).filter(pk=certificate_id)
    certificate = get_object_or_404(found.select_related("person", "job_type"))
    return confirm_and_act(
        request,
        partial(desk.request_card, actor=request.user, certificate_id=certificate.pk),
        done=f"已登记{certificate.person}的实体证书补发、换发申请。",
        title="补发、换发实体证书",
        sentence=f"为{certificate.person}（{certificate.person.masked_number}，{certificate.job_type}）"
        "登记补发或者换发；本人凭身份证领取。",
        action_label="登记申请",
        cancel_url=reverse("approvals:cards"),
        form=ReplacementForm(request.POST or None),
        danger=False,
    )


def _requested(request, certificate_id: int):
    try:
        made = desk.request_card(actor=request.user, certificate_id=certificate_id)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("approvals:cards")
    messages.success(request, f"已登记{made.certificate.person}的实体证书申请。")
    return redirect("approvals:cards")


def _step(request, pk: int, *, name: str, form_class, act, title: str, sentence: str, label: str, initial=None):
    card = get_object_or_404(
        CardRequest.objects.visible_to(request.user).select_related(
            "certificate__person", "certificate__job_type", "window"
        ),
        pk=pk,
    )
    who = f"{card.certificate.person}（{card.certificate.person.masked_number}，{card.certificate.job_type}）"
    return confirm_and_act(
        request,
        partial(act, actor=request.user, request_id=card.pk),
        done=f"{card.certificate.person}：{CARD[name].label}，已办理。",
        title=title,
        sentence=sentence.format(who=who),
        action_label=label,
        cancel_url=reverse("approvals:cards"),
        form=form_class(request.POST or None, initial=initial),
        danger=name in ("cancel", "reprint"),
    )


@require_http_methods(["GET", "POST"])
def card_print(request, pk: int):
    """Record on which blank the card was made."""
    number = blanks.next_number(request.user.organisation)
    return _step(
        request,
        pk,
        name="print",
        form_class=CardNumberForm,
        act=desk.print_card,
        title="制证",
        sentence="为{who}制作实体证书。"
        + (
            "所列为库存中最小的流水号，实际用别的空白证件的，请改为卡片上的号码。"
            if number
            else "库存中没有空白证件，请先在“库存和制证登记”中登记入库。"
        ),
        label="登记制证",
        initial={"card_number": number},
    )


@require_http_methods(["GET", "POST"])
def card_reprint(request, pk: int):
    """The card was made badly: spoil its blank and make another."""
    return _step(
        request,
        pk,
        name="reprint",
        form_class=ReprintForm,
        act=desk.reprint,
        title="制证作废",
        sentence="{who}的卡片作废，空白证件记入作废登记，申请退回待制证。",
        label="作废，重新制证",
    )


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("document_number")
def card_hand_over(request, pk: int):
    """Hand the card over against the identity card."""
    return _step(
        request,
        pk,
        name="hand_over",
        form_class=HolderForm,
        act=desk.hand_over,
        title="发放实体证书",
        sentence="核验本人身份证后，将实体证书发放给{who}。不能代领。",
        label="核验一致，发放",
    )


@require_http_methods(["GET", "POST"])
def card_cancel(request, pk: int):
    """End a request."""
    return _step(
        request,
        pk,
        name="cancel",
        form_class=CancelForm,
        act=desk.cancel_card,
        title="取消实体证书申请",
        sentence="取消{who}的实体证书申请；已登记的卡片流水号作废，保留在登记簿中。",
        label="取消申请",
    )
