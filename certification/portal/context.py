"""What the frame of every page shows: who is here, the places open to them, unread notices, the demonstration clock."""

from datetime import date
from functools import cached_property

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from certification import clock
from certification.notices.models import Notice
from certification.organisations.models import User
from certification.portal import navigation


def frame(request) -> dict:
    """Context processor: ``frame``, which reads only what a template asks for (at most four queries)."""
    return {"frame": Frame(request)}


class Frame:
    """The frame's data, each part read once and only when shown."""

    def __init__(self, request):
        self._request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def today(self) -> date:
        return clock.today()

    @cached_property
    def demonstration_day(self) -> date | None:
        """The day of the 演示时钟; None in production, where no banner is shown."""
        return self.today if settings.CLOCK_MAY_MOVE else None

    @property
    def time(self) -> str:
        """The hour of the 演示时钟."""
        return f"{clock.now():%H:%M}"

    @property
    def organisation(self) -> str:
        return self.user.organisation.name if self.user.organisation_id else ""

    @property
    def person(self) -> str:
        name = self.user.person.name if self.user.person_id else self.user.username
        return f"{name} 代 {self.user.acting_for}" if self.user.acting_for else name

    @cached_property
    def role_names(self) -> str:
        return "、".join(sorted(role.label for role in self.user.roles_on(self.today)))

    @cached_property
    def unread(self) -> int:
        return Notice.objects.filter(recipient=self.user, read_at__isnull=True).count()

    @cached_property
    def navigation(self) -> SafeString:
        """The places by heading; a page shows them twice, beside its content and, on a phone, in a menu."""
        entries = navigation.entries_for(self.user.roles_on(self.today), self._request.path)
        return render_to_string("components/nav.html", {"navigation": entries})

    @property
    def search_text(self) -> str:
        """What stands in the search box: the term of the search page."""
        match = self._request.resolver_match
        return self._request.GET.get("q", "") if match and match.view_name == "portal:search" else ""
