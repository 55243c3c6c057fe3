"""Deadlines by the ten thousand, written straight into the tables."""

from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType

from certification.deadlines import moving
from certification.deadlines.due import deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.deadlines.stored import first_reminder
from certification.organisations.models import (
    Organisation,
    OrganisationKind,
    RoleAssignment,
    Territory,
    User,
)
from certification.organisations.roles import Role
from certification.people.models import Person, Sex
from certification.rulebook.loading import load_rules
from certification.workdays import calendars
from certification.workdays.loading import load_calendars
from tests.benchmarks.conftest import NOW

RULES = ("plan_filing", "roster", "materials_initial", "preliminary_review", "final_review", "exam_plan")


def reference() -> Organisation:
    """Calendars, rules, an institution with an account that files, and above it the province with a reviewer, a head
    and an administrator; everything is counted once."""
    load_calendars(now=NOW)
    load_rules()
    territory = Territory.objects.create(code="990100", name="北市")
    school = Organisation.objects.create(
        kind=OrganisationKind.TRAINING_INSTITUTION, name="北市学校", short_name="北校", territory=territory
    )
    centre = Organisation.objects.create(
        kind=OrganisationKind.PROVINCIAL_CENTRE, name="省厅考试中心", short_name="省考试中心"
    )
    _account(school, Role.INSTITUTION_FILER)
    for role in (Role.PROVINCIAL_REVIEWER, Role.PROVINCIAL_HEAD, Role.ADMINISTRATOR):
        _account(centre, role)
    moving.apply_calendar(calendars.current(), now=NOW, actor=User.objects.system())
    return school


def _account(organisation: Organisation, role: Role) -> None:
    person = Person.objects.create(
        document_type="PASSPORT",
        document_number=role,
        name="张三",
        sex=Sex.MALE,
        birth_date=date(1990, 1, 1),
        created_at=NOW,
    )
    user = User.objects.create(username=role, organisation=organisation, person=person)
    RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)


def fill(school: Organisation, number: int, *, first_event: date, days: int, rules: tuple[str, ...] = RULES) -> None:
    """``number`` open deadlines of ``rules`` around events on ``days`` days from ``first_event`` on."""
    calendar, kind = calendars.current(), ContentType.objects.get_for_model(Territory)
    found = [
        due_by(deadline_rule(code), first_event + timedelta(days=offset), calendar)
        for code in rules
        for offset in range(days)
    ]
    last = Deadline.objects.order_by("-subject_id").values_list("subject_id", flat=True).first() or 0
    rows = []
    for place in range(number):
        due = found[place % len(found)]
        rows.append(
            Deadline(
                rule=due.rule,
                subject_type=kind,
                subject_id=last + 1 + place,
                responsible=school,
                institution=school,
                anchor_on=due.event_on,
                due_on=due.due_on,
                provisional=due.provisional,
                calendar_signature=due.signature,
                opened_at=NOW,
                next_reminder_on=first_reminder(due, calendar),
            )
        )
    Deadline.objects.bulk_create(rows, batch_size=2_000)
