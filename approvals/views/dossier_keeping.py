"""Holding a dossier and lifting the hold: the head's, with a reason."""

from functools import partial

from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals.dossiers import keeping
from approvals.forms.dossiers import ReasonForm
from approvals.models import Dossier
from certification.portal.confirm import confirm_and_act


@require_http_methods(["GET", "POST"])
def hold(request, pk: int):
    """Place a hold, or lift the one in force."""
    found = Dossier.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    held = keeping.hold_on(found)
    title = "解除冻结" if held else "冻结"
    return confirm_and_act(
        request,
        partial(keeping.lift if held else keeping.hold, actor=request.user, dossier_id=found.pk),
        done=f"{found.number}已{title}。",
        title=f"{title}档案 {found.number}",
        sentence=f"解除后按保管期限处理。冻结理由：{held.reason}"
        if held
        else "冻结期间不论保管期限是否届满，一律不得销毁。",
        action_label=title,
        cancel_url=reverse("approvals:dossier", args=[found.pk]),
        subject=found.number,
        form=ReasonForm(request.POST if request.method == "POST" else None),
        danger=False,
    )
