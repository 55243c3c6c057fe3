"""``python -m tests.faults.seed COUNT``: makes the tables where there are none, and COUNT cases that are overdue."""

import sys
from datetime import date

import django


def main(count: int) -> None:
    django.setup()
    from django.db import connection

    from tests import tables

    if "cases_case" not in connection.introspection.table_names():
        tables.make()
        _reference()
        _people()
    _cases(count)


def _reference() -> None:
    from certification import clock
    from certification.jobs.scheduling import load_schedule
    from certification.rulebook.loading import load_rules
    from certification.workdays.loading import load_calendars

    load_calendars(now=clock.now())
    load_rules()
    load_schedule()


def _people() -> None:
    from certification.organisations.models import Organisation, OrganisationKind, Territory, User
    from certification.organisations.roles import Role

    territory = Territory.objects.create(code="990100", name="北市")
    kind = OrganisationKind.TRAINING_INSTITUTION
    school = Organisation.objects.create(kind=kind, name="北市学校", short_name="北校", territory=territory)
    Organisation.objects.create(kind=OrganisationKind.PROVINCIAL_CENTRE, name="省厅考试中心", short_name="中心")
    user = User.objects.create(username="faults", organisation=school)
    user.role_assignments.create(role=Role.INSTITUTION_FILER, valid_from=date(2023, 4, 1), granted_by=user)


def _cases(count: int) -> None:
    from certification import clock
    from certification.deadlines import ledger
    from certification.organisations.models import Organisation
    from tests.faults.cases.models import Case

    cases = Case.objects.bulk_create(Case() for _ in range(count))
    ledger.open_deadlines(
        "faults_case",
        cases,
        event_on=date(2026, 3, 2),
        responsible=Organisation.objects.get(short_name="北校"),
        now=clock.now(),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
