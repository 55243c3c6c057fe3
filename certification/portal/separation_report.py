"""Tells the provincial head and the auditors what the daily scan for breaches of separation found, once each.

What was told stands in the transition log, as a line on the person: a breach that stays is not told again.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.urls import reverse

from certification import clock
from certification.notices.sending import notify
from certification.organisations import separation_scan
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.organisations.separation_scan import Breach
from certification.people.models import Person
from certification.records.models import TransitionLog
from certification.workflow import activity

VIEW = "separation.view"
TOLD_ROLES = (Role.PROVINCIAL_HEAD, Role.AUDITOR)
STEP = "separation_breach"
# A notice is read, not searched; the page has all of them.
LINES_TOLD = 20


def scan(now: datetime) -> dict[str, int]:
    """Look at everything, tell what is new; returns how many breaches there are and how many were new."""
    found = list(separation_scan.breaches(clock.day_of(now)))
    new = tell(actor=User.objects.system(), now=now, found=found) if found else 0
    return {"new": new, "found": len(found)}


@activity
def tell(*, actor: User, now: datetime, found: list[Breach]) -> int:
    """Log the breaches that were not told before and tell them; returns how many."""
    # Of two scans at once the second waits here and then finds everything told.
    User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    told = {tuple(detail["key"]) for detail in reported().values_list("detail", flat=True)}
    new = [breach for breach in dict.fromkeys(found) if breach.key not in told]
    if not new:
        return 0
    persons = Person.objects.in_bulk({breach.person_id for breach in new})
    cases = _titles(new)
    for breach in new:
        case = cases.get((breach.model, breach.case_id), "")
        detail = {"key": breach.key, "between": breach.between, "case": case}
        subject = persons[breach.person_id]
        TransitionLog.write([(subject, "", "")], name=STEP, actor=actor, at=now, reason=breach.rule, detail=detail)
    notify(_recipients(now), title=f"分离检查：发现 {len(new)} 项新问题", body=_text(new, persons), url=_url(), now=now)
    return len(new)


def reported() -> models.QuerySet[TransitionLog]:
    """The lines of all breaches that were told, whoever and whenever."""
    return TransitionLog.objects.filter(subject_type__app_label="people", subject_type__model="person", name=STEP)


def _recipients(now: datetime) -> Iterable[User]:
    assignments = RoleAssignment.objects.in_force(clock.day_of(now)).filter(role__in=TOLD_ROLES)
    return User.objects.filter(is_active=True, role_assignments__in=assignments).distinct().order_by("pk")


def _text(new: list[Breach], persons: dict[int, Person]) -> str:
    """One line for each person and rule, with the number of cases."""
    grouped: dict[tuple, int] = defaultdict(int)
    for breach in new:
        grouped[breach.person_id, breach.rule, breach.between] += breach.case_id is not None
    lines = [
        f"{persons[person_id].name}：{between}（规则 {rule}）{f'，{cases} 个事项' if cases else ''}"
        for (person_id, rule, between), cases in grouped.items()
    ]
    more = [f"另有 {len(lines) - LINES_TOLD} 条，见分离检查页。"] if len(lines) > LINES_TOLD else []
    return "\n".join([*lines[:LINES_TOLD], *more])


def _titles(found: Iterable[Breach]) -> dict[tuple, str]:
    """What each case is called: two queries a model at most, however many cases."""
    ids: dict[type[models.Model], set[int]] = defaultdict(set)
    for breach in found:
        if breach.model is not None:
            ids[breach.model].add(breach.case_id)
    return {
        (model, pk): f"{model._meta.verbose_name} {case}"
        for model, wanted in ids.items()
        for pk, case in model._base_manager.in_bulk(wanted).items()
    }


def _url() -> str:
    return reverse("portal:separation")
