"""The inbox of one account, newest first, and opening what a notice tells about."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from certification.notices.models import Delivery, Notice
from certification.notices.reading import mark_all_read, mark_read
from certification.paging import keyset_page

# The recipient's own channels; what went to the organisation's group chat is not the recipient's affair.
OWN_DELIVERIES = Prefetch(
    "deliveries",
    queryset=Delivery.objects.exclude(channel=Delivery.Channel.GROUP).order_by("pk"),
    to_attr="own_deliveries",
)


def inbox(request):
    """All notices, or with ``?unread=1`` those not yet opened."""
    notices = Notice.objects.filter(recipient=request.user).prefetch_related(OWN_DELIVERIES)
    unread_only = request.GET.get("unread") == "1"
    if unread_only:
        notices = notices.filter(read_at__isnull=True)
    page = keyset_page(request, notices, ("-created_at", "-pk"))
    return render(request, "notices/inbox.html", {"page": page, "unread_only": unread_only})


@require_POST
def open_notice(request, pk):
    """Mark as read and go to the page that the notice names."""
    notice = get_object_or_404(Notice, pk=pk, recipient=request.user)
    mark_read(actor=request.user, notice=notice)
    if url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notices:inbox")


@require_POST
def read_all(request):
    """Mark everything as read."""
    count = mark_all_read(actor=request.user)
    messages.success(request, f"已将 {count} 条消息标为已读。")
    return redirect("notices:inbox")
