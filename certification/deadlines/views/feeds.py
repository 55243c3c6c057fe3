"""The calendar feed itself, and the page on which a person makes and ends the link to it."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from certification import clock
from certification.deadlines.calendar_feeds import feeds
from certification.notices.channels.outgoing import absolute


@require_safe
@sensitive_variables("token")
def calendar(request, token: str):
    """The owner's open deadlines as iCalendar. 404 says nothing about why: unknown, revoked, or without rights."""
    now = clock.now()
    owner = feeds.owner_of(token, now)
    if owner is None:
        raise Http404("没有这个日历订阅。")
    content = feeds.calendar_of(owner, now=now)
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, response=response)


def feed(request):
    """日历订阅: whether there is a link, since when; making one shows it this once."""
    return render(request, "deadlines/feed.html", {"feed": feeds.feed_of(request.user), "address": ""})


@require_POST
@sensitive_variables("token", "address")
def create(request):
    """Make a link and show it; the one before ends. Not a redirection: the address must stand in no session."""
    token = feeds.create_feed(actor=request.user)
    address = absolute(reverse("feeds:calendar", args=[token]))
    response = render(request, "deadlines/feed.html", {"feed": feeds.feed_of(request.user), "address": address})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request):
    """End the link."""
    if feeds.revoke_feed(actor=request.user):
        messages.success(request, "日历订阅链接已撤销，已订阅的日历不再更新。")
    return redirect("deadlines:feed")
