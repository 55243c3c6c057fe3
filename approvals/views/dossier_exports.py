"""What goes out of a sealed dossier, as files: the whole with its additions, or one class's part with its proof."""

from collections.abc import Callable
from typing import IO

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from approvals.dossiers.sealing import exporting
from approvals.models import Dossier
from approvals.views.papers import unmade
from certification import clock
from certification.records import accesses
from certification.refusals import Refusal
from exams.models import Candidate
from training.models import TrainingPlan


@require_safe
def whole(request, pk: int):
    """The sealing and every addition in one zip."""
    dossier = _found(Dossier.objects.visible_to(request.user), pk)
    return _sent(request, dossier, dossier.number, lambda: exporting.whole(dossier), Candidate.objects.all())


@require_safe
def part(request, pk: int, plan_id: int):
    """One class's part with the digests that tie it to the whole: for its institution, and whoever sees the dossier."""
    plan = get_object_or_404(TrainingPlan.objects.visible_to(request.user), pk=plan_id)
    dossier = _found(Dossier.objects.filter(session__candidates__application__plan=plan).distinct(), pk)
    people = Candidate.objects.filter(application__plan=plan)
    return _sent(request, dossier, f"{dossier.number}-{plan.number}", lambda: exporting.part(dossier, plan), people)


def _found(rows: QuerySet[Dossier], pk: int) -> Dossier:
    found = rows.select_related("session", "archive").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _sent(request, dossier: Dossier, name: str, make: Callable[[], IO[bytes]], people: QuerySet[Candidate]):
    try:
        content = make()
    except Refusal as refusal:
        return unmade(request, refusal, title=dossier.number, back=reverse("approvals:dossiers"))
    if request.method == "GET":
        count = people.filter(session=dossier.session).count()
        accesses.take_out(dossier, actor=request.user, now=clock.now(), what=f"档案 {name}", persons=count)
    response = FileResponse(content, as_attachment=True, filename=f"{name}.zip", content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response
