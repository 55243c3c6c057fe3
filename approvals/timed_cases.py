"""Licence applications, person by person, as cases that deadlines are about (board, figures, 用时明细)."""

from django.db import models

from approvals.models import LicenceApplicant
from approvals.states import LICENCE_HELD_BY
from certification.deadlines import cases, holders
from exams.models import ExamApplication

RELATED = (
    "batch__organiser",
    "candidate__application__institution",
    "candidate__application__organiser",
    "candidate__application__job_type",
    "candidate__application__person",
    "candidate__session",
)


def register() -> None:
    """Fill the registries; an exam application goes on as its licence application."""
    holders.register(LicenceApplicant._meta.label, LICENCE_HELD_BY)
    cases.register(
        cases.CaseKind(
            model=LicenceApplicant,
            slug="licence",
            view="approvals:applicant",
            parties=lambda applicant: (applicant.candidate.application.institution, applicant.batch.organiser),
            job_type="candidate__application__job_type",
            organiser="batch__organiser",
            related=RELATED,
            title=_title,
            began_at=lambda applicant: applicant.batch.prepared_at,
            personal=True,
        )
    )
    cases.register_chain(ExamApplication._meta.label, _from_application)
    cases.register_chain(LicenceApplicant._meta.label, _to_applicant)


def _title(applicant: LicenceApplicant) -> str:
    return f"{applicant}（{applicant.candidate.application.job_type}，发证许可）"


def _from_application(application: ExamApplication) -> list[models.Model]:
    found = LicenceApplicant.objects.filter(candidate__application=application).select_related(*RELATED)
    return [application, *found.order_by("pk")]


def _to_applicant(applicant: LicenceApplicant) -> list[models.Model]:
    return _from_application(applicant.candidate.application)
