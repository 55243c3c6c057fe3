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
    for title, model, query, rows in (
        ("启用的账号", "organisations_user", "?is_active__exact=1", accounts),
        ("单位", "organisations_organisation", "", Organisation.objects.all()),
        ("工作日历", "workdays_calendaredition", "", CalendarEdition.objects.all()),
        ("作业目录版本", "catalogue_catalogueedition", "", CatalogueEdition.objects.all()),
        ("规则版本", "rulebook_ruleedition", "", RuleEdition.objects.all()),
    ):
        url = f"{reverse(f'admin:{model}_changelist')}{query}"
        yield Todo(title, url, kind=Kind.FIGURE, count=rows.count())


lines = by_right({"portal.administer": (_administered,)})
