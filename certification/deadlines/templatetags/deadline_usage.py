"""``{% usage_link case %}``: from a case to who used which of its working days."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from certification.deadlines import cases

register = template.Library()


@register.simple_tag
def usage_link(case) -> SafeString:
    """A link to 用时明细; nothing for what deadlines are not about."""
    kind = cases.kind_of(type(case))
    if kind is None:
        return SafeString("")
    return format_html('<a href="{}">用时明细</a>', reverse("deadlines:usage", args=[kind.slug, case.pk]))
