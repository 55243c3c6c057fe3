"""The administrator's numbers on the home page: what is theirs to keep, each opening its list at /admin/."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from certification.catalogue.models import CatalogueEdition
from certification.organisations.models import Organisation, User
from certification.organisations.models.accounts import SYSTEM_USERNAME
from certification.portal.todo import Kind, Todo, by_right
from certification.rulebook.models import RuleEdition
from certification.workdays.models import CalendarEdition


def _administered(user: User, now: datetime) -> Iterator[Todo]:
    accounts = User.objects.exclude(username=SYSTEM_USERNAME).filter(is_active=True)
    for title, url, rows in (
        ("启用的账号", _list("organisations_user", "?is_active__exact=1"), accounts),
        ("单位", _list("organisations_organisation"), Organisation.objects.all()),
        ("工作日历", reverse("portal:calendar-editions"), CalendarEdition.objects.all()),
        ("作业目录版本", _list("catalogue_catalogueedition"), CatalogueEdition.objects.all()),
        ("规则版本", _list("rulebook_ruleedition"), RuleEdition.objects.all()),
    ):
        yield Todo(title, url, kind=Kind.FIGURE, count=rows.count())


def _list(model: str, query: str = "") -> str:
    return f"{reverse(f'admin:{model}_changelist')}{query}"


lines = by_right({"portal.administer": (_administered,)})
