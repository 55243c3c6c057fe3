"""``{% ask_admission refusal %}``: under a refusal for lateness, the button that asks the provincial head."""

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from certification import clock
from certification.deadlines.late_admissions import admissible, admissions
from certification.deadlines.late_admissions.links import ask_links
from certification.deadlines.models import Deadline
from certification.organisations.access import may
from certification.refusals import Refusal

register = template.Library()


@register.simple_tag
def ask_admission(what: Refusal | list | None) -> SafeString:
    """For one refusal, or for the (name, refusal) pairs of a bulk action; nothing where nobody could admit it."""
    refusals = [what] if isinstance(what, Refusal) else [refusal for _name, refusal in what or ()]
    links = ask_links(refusals)
    return render_to_string("deadlines/ask.html", {"links": links}) if links else SafeString()


@register.simple_tag(takes_context=True)
def admit_url(context, deadline: Deadline) -> str:
    """Where the head admits the case of an overdue deadline unasked; "" for everybody else."""
    user = getattr(context.get("request"), "user", None)
    if not may(user, admissions.DECIDE) or deadline.state_at(clock.now()) != Deadline.State.OVERDUE:
        return ""
    if admissible.find(deadline.subject_type.model_class()._meta.label, deadline.rule.code) is None:
        return ""
    return reverse("deadlines:admission_direct", args=[deadline.pk])
