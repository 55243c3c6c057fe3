"""Who hears of late admissions, and in which words."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from certification.deadlines.late_admissions import admissible
from certification.deadlines.models import LateAdmission
from certification.notices.sending import notify, notify_role
from certification.notices.subjects import Cases
from certification.organisations.access import users_with
from certification.organisations.models import Organisation, OrganisationKind, User
from certification.organisations.roles import Role
from certification.workdays.wording import full_day

WORDS = {"grant": "准予逾期特批", "refuse": "不予逾期特批"}
NAMED = 5


def tell_heads(asked: list[LateAdmission], *, now) -> None:
    """Tell the provincial heads that somebody asks: one notice for all that was asked at once."""
    if not asked:
        return
    first = asked[0]
    notify_role(
        Role.PROVINCIAL_HEAD,
        Organisation.objects.provincial_centre(),
        title=f"{first.organisation.short_name}申请逾期特批：{_named(asked)}",
        body=f"{first.rule.title}。申请理由：{first.request_reason}",
        url=_url(asked, "?state=REQUESTED"),
        about=_cases(asked),
        now=now,
    )


def tell_decided(name: str, decided: list[LateAdmission], *, now) -> None:
    """Tell who asked, the institution and the organiser of the cases: one notice each for all that concerns them."""
    by_recipient: dict[User, list[LateAdmission]] = defaultdict(list)
    holders = _Holders(now.date())
    for row in decided:
        for user in _concerned(row, holders):
            by_recipient[user].append(row)
    batches: dict[tuple[int, ...], list[User]] = defaultdict(list)
    rows_of = {row.pk: row for row in decided}
    for user, rows in by_recipient.items():
        batches[tuple(row.pk for row in rows)].append(user)
    for ids, users in batches.items():
        rows = [rows_of[pk] for pk in ids]
        told = {"title": f"{WORDS[name]}：{_named(rows)}", "body": _body(name, rows[0]), "url": _url(rows)}
        notify(users, about=_cases(rows), now=now, **told)


def _cases(rows: list[LateAdmission]) -> list[Cases]:
    return [Cases(ContentType.objects.get_for_id(row.subject_type_id).model_class(), [row.subject_id]) for row in rows]


class _Holders:
    """Who holds a role at an organisation, asked once for each."""

    def __init__(self, day: date):
        self._day = day
        self._found: dict[tuple[Role, int], set[User]] = {}

    def of(self, role: Role, organisation: Organisation) -> set[User]:
        key = role, organisation.pk
        if key not in self._found:
            self._found[key] = set(users_with(role, organisation, self._day))
        return self._found[key]


def _concerned(row: LateAdmission, holders: _Holders) -> Iterable[User]:
    found = {row.requested_by} if row.requested_by else set()
    if row.institution:
        found |= holders.of(Role.INSTITUTION_FILER, row.institution)
    if row.organiser and row.organiser.kind == OrganisationKind.CITY_BUREAU:
        entry = admissible.find(row.subject_type.model_class()._meta.label, row.rule_code)
        for role in (*entry.told, Role.CITY_HEAD):
            found |= holders.of(role, row.organiser)
    return sorted(found, key=lambda user: user.pk)


def _body(name: str, row: LateAdmission) -> str:
    lines = [f"{row.rule.title}。决定理由：{row.decision_reason}"]
    if name == "grant":
        lines.append(f"请在{full_day(row.valid_until)} 24:00 前办理，过期失效。")
    return "\n".join(lines)


def _named(rows: list[LateAdmission]) -> str:
    return rows[0].title if len(rows) == 1 else f"{rows[0].title}等 {len(rows)} 项"


def _url(rows: list[LateAdmission], query: str = "") -> str:
    if len(rows) == 1:
        return reverse("deadlines:admission", args=[rows[0].pk])
    return reverse("deadlines:admission_list") + query
