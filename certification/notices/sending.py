"""The one way to send a notice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from certification.notices import outbox, subjects
from certification.notices.models import Notice
from certification.notices.subjects import About
from certification.organisations.access import users_with
from certification.organisations.models import Organisation, User
from certification.organisations.roles import Role

TITLE_LENGTH = Notice._meta.get_field("title").max_length


@dataclass(frozen=True)
class Message:
    """What one account is told; ``label`` and ``urgent`` as in ``Notice``. ``url`` is a path of this site, ``about``
    the cases that it tells about."""

    recipient_id: int
    title: str
    body: str = ""
    url: str = ""
    label: str = ""
    urgent: bool = False
    about: About = ()


def notify(
    recipients: Iterable[User], *, title: str, body: str = "", url: str = "", about: About = (), now: datetime
) -> list[Notice]:
    """Put one notice into the inbox of each recipient (once each), in one statement, and what it is ``about`` beside
    it in another.

    Called inside the transaction of what the notice tells about. ``url`` is a path of this site.
    """
    unique = dict.fromkeys(user.pk for user in recipients)
    return send([Message(pk, title, body, url, about=about) for pk in unique], now=now)


def notify_role(
    role: Role,
    organisation: Organisation,
    *,
    title: str,
    body: str = "",
    url: str = "",
    about: About = (),
    now: datetime,
) -> list[Notice]:
    """``notify`` everybody at ``organisation`` who holds ``role`` today."""
    return notify(users_with(role, organisation, now.date()), title=title, body=body, url=url, about=about, now=now)


def send(messages: Iterable[Message], *, now: datetime) -> list[Notice]:
    """Each message into its recipient's inbox with what it is about, and into the outbox for the channels that the
    recipient or the recipient's organisation has; the number of statements does not grow with the messages."""
    messages = list(messages)
    notices = Notice.objects.bulk_create(
        Notice(
            recipient_id=message.recipient_id,
            title=message.title[:TITLE_LENGTH],
            body=message.body,
            url=message.url,
            label=message.label,
            urgent=message.urgent,
            created_at=now,
        )
        for message in messages
    )
    if notices:
        subjects.write(zip(notices, (message.about for message in messages), strict=True))
        outbox.put(notices, now=now)
    return notices
