"""People who come to a renewal or periodic review hold a certificate: imported, as from the national register."""

from datetime import date

from simple_history.utils import bulk_create_with_history

from approvals.demonstration.cases import Case
from approvals.demonstration.people import unsaved
from certification.catalogue.models import ApplicationKind
from certification.organisations.models import User
from certification.people.eligibility import add_months, add_years
from certification.people.models import Certificate, Person

AUTHORITY = "云岭省应急管理厅"
# How many months before its end, or before its review is due, a certificate comes to the exam.
MONTHS_LEFT = 2


def give_certificates(case: Case, *, now) -> None:
    """Register the people of a case with certificates that end, or are due for review, soon after the exam."""
    system = User.objects.system()
    persons = [unsaved(one, now=now) for one in case.people]
    bulk_create_with_history(persons, Person, default_user=system, default_date=now)
    certificates = [_certificate(person, case) for person in persons]
    bulk_create_with_history(certificates, Certificate, default_user=system, default_date=now)


def _certificate(person: Person, case: Case) -> Certificate:
    renewal = case.story.kind == ApplicationKind.RENEWAL
    event = add_months(case.exam_on, MONTHS_LEFT)
    issued = _years_before(event, 6 if renewal else 3)
    return Certificate(
        person=person,
        job_type=case.job_type,
        number=f"T{person.document_number}",
        first_issued_on=issued,
        valid_from=issued,
        valid_until=add_years(issued, 6) - date.resolution,
        review_due_on=add_years(issued, 3),
        reviewed_on=add_years(issued, 3) if renewal else None,
        authority=AUTHORITY,
        source=Certificate.Source.IMPORTED,
    )


def _years_before(day: date, years: int) -> date:
    return day.replace(day=1, year=day.year - years)
