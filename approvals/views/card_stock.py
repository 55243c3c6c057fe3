"""Blank cards on screen: what each window has, the print register, receiving and spoiling."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from approvals.certificates import blanks
from approvals.forms.certificates import BlankFilter, DeliveryForm, SpoilForm
from approvals.models import CardBlank, CardDelivery
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Incomplete


@require_safe
def stock(request):
    """Balances of the windows in reach, deliveries, and every blank with what became of it."""
    return _show(request)


@require_POST
def receive(request):
    """Blanks arrived."""
    form = DeliveryForm(request.POST)
    if form.is_valid():
        try:
            delivery = blanks.receive(actor=request.user, **form.cleaned_data)
            messages.success(request, f"已入库 {delivery.count} 张：{delivery}。")
            return redirect("approvals:card_stock")
        except Incomplete as refusal:
            form.show(refusal.problems)
    return _show(request, delivery=form, status=422)


@require_POST
def spoil(request):
    """A blank in stock is no good."""
    form = SpoilForm(request.POST)
    if form.is_valid():
        try:
            blank = blanks.spoil(actor=request.user, **form.cleaned_data)
            messages.success(request, f"流水号{blank}已作废。")
            return redirect("approvals:card_stock")
        except Incomplete as refusal:
            form.show(refusal.problems)
    return _show(request, spoiling=form, status=422)


def _show(request, *, delivery=None, spoiling=None, status: int = 200):
    balances = blanks.balances(request.user)
    form = BlankFilter(request.GET, windows=[one.window for one in balances])
    rows = CardBlank.objects.visible_to(request.user).select_related(
        "window", "printed_by__person", "request__certificate__person", "request__certificate__job_type"
    )
    handles = may(request.user, blanks.ACTION)
    context = {
        "balances": balances,
        "deliveries": CardDelivery.objects.visible_to(request.user)
        .select_related("window", "received_by__person")
        .order_by("-received_at", "-pk")[:20],
        "form": form,
        "page": keyset_page(request, form.apply(rows), ("number", "pk")),
        "is_set": bool(form.chosen),
        "delivery": (delivery or DeliveryForm()) if handles else None,
        "spoiling": (spoiling or SpoilForm()) if handles else None,
    }
    return render(request, "approvals/cards/stock.html", context, status=status)
