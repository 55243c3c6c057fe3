"""用时明细 of whole cases: from the draft of the exam application to the service of the decision."""

import pytest
from django.utils.timezone import localdate

from approvals.models import LicenceApplicant
from certification import clock
from certification.deadlines import cases
from certification.deadlines.holders import Tier
from certification.deadlines.overview import usage
from certification.workdays import calendars
from exams.models import ExamApplication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]


def _spells(case) -> list[usage.Spell]:
    return usage.spells(case, now=clock.now(), calendar=calendars.current())


def test_an_application_goes_on_as_its_licence_application():
    applicants = LicenceApplicant.objects.filter(state="SERVED").select_related("candidate__application", "batch")[:10]
    assert applicants
    for applicant in applicants:
        found = _spells(applicant)
        assert found == _spells(applicant.candidate.application)
        assert found[0].starts_at == applicant.candidate.application.created_at
        assert {spell.tier for spell in found} >= {Tier.INSTITUTION, Tier.PROVINCE}
        assert found[-1].label == "准予许可"
        assert not found[-1].running


def test_the_days_of_every_case_add_up():
    calendar = calendars.current()
    for kind in cases.kinds():
        for case in kind.model._base_manager.select_related(*kind.related).order_by("pk")[:60]:
            found = _spells(case)
            if found:
                first, last = (
                    localdate(found[0].starts_at, clock.SHANGHAI),
                    localdate(found[-1].ends_at, clock.SHANGHAI),
                )
                assert sum(spell.days + spell.paused_days for spell in found) == calendar.between(first, last), case


def test_who_failed_every_sitting_waits_for_nobody():
    failed = [
        row
        for row in ExamApplication.objects.filter(candidates__state="FAILED", candidates__retake=True)
        if not row.candidates.filter(state__in=["LISTED", "ADMITTED", "PASSED"]).exists()
    ]
    for application in failed:
        assert not _spells(application)[-1].running
