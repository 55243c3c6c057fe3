"""Sending a paper; where it cannot be made, saying why."""

from django.db import models
from django.shortcuts import redirect, render

from approvals import papers
from certification.organisations.models import User
from certification.refusals import Outage, Refusal


def sent(request, kind: papers.Kind, row: models.Model, *, back: str):
    """To the paper of ``row``, made now if no job has made it yet; else why it cannot be made, and the way ``back``."""
    try:
        stored = papers.write(actor=User.objects.system(), kind=kind, pk=row.pk)
    except Refusal as refusal:
        return unmade(request, refusal, title=kind.name(row).removesuffix(".pdf"), back=back)
    return redirect("records:file", stored.uuid)


def unmade(request, refusal: Refusal, *, title: str, back: str):
    """Why a file cannot be made; 503 where an administrator must mend it first."""
    context = {"refusal": refusal, "title": title, "back": back}
    return render(request, "approvals/unmade.html", context, status=503 if isinstance(refusal, Outage) else 409)
