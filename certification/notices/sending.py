"""The one way to send a notice."""

from collections.abc import Iterable

from certification.notices.models import Notice
from certification.organisations.access import users_with
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role


def notify(recipients: Iterable[User], *, title: str, body: str = "", url: str = "", now) -> list[Notice]:
    """Put one notice into the inbox of each recipient (once each), in one statement.

    Called inside the transaction of what the notice tells about. ``url`` is a path of this site.
    """
    unique = {user.pk: user for user in recipients}
    return Notice.objects.bulk_create(
        Notice(recipient=user, title=title[:120], body=body, url=url, created_at=now) for user in unique.values()
    )


def notify_role(
    role: Role, organisation: Organisation, *, title: str, body: str = "", url: str = "", now
) -> list[Notice]:
    """``notify`` everybody at ``organisation`` who holds ``role`` today."""
    return notify(users_with(role, organisation, now.date()), title=title, body=body, url=url, now=now)
