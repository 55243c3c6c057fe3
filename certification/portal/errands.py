"""What a page that shows an errand answers when it asks again by script (``jobs/errand.html``)."""

from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from certification.jobs import errands
from certification.jobs.models import Errand


def progress_of(request, errand: Errand | None, url: str):
    """The part that shows how far it is, without the rest of the page; once nothing is under way, the page anew."""
    if errand is None or not errand.at_work:
        return HttpResponseClientRefresh()
    context = {"errand": errand, "errand_label": errands.label_of(errand), "errand_url": url}
    return render(request, "jobs/errand.html", context)
