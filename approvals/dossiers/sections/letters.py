"""The letters beside the decision's own: acceptances, corrections asked for, bars, certificates ended."""

from approvals.dossiers.sections.followed import BAR_CASES, CORRECTIONS, ENDINGS
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Paper
from approvals.models import (
    AcceptanceNotice,
    BarCase,
    BarEvidence,
    CorrectionItem,
    CorrectionNotice,
    EndingCase,
    Withdrawal,
)
from certification.records.models import StoredFile
from training.models import TrainingPlan


def class_letters(reader: Reader) -> list[Paper]:
    """Correction notices, and what was handed in with their answers; what applicants signed to withdraw."""
    by_id = {plan.pk: plan for plan in reader.plans}
    found = []
    for kind in CORRECTIONS:
        held = reader.cases(kind)
        notices = CorrectionNotice.objects.filter(pk__in=held, letter__isnull=False).select_related("letter")
        items = CorrectionItem.objects.filter(notice__in=held, file__isnull=False).select_related("file")
        files = [(row.pk, row.letter, "") for row in notices.order_by("pk")]
        files += [(row.notice_id, row.file, f" 答复：{row.label}") for row in items.order_by("notice", "position")]
        found += [
            Paper(file, f"{held[pk].name}{what}", "corrections", by_id[plan])
            for pk, file, what in files
            for plan in sorted(held[pk].plans)
        ]
    return found + _withdrawals(reader, by_id)


def _withdrawals(reader: Reader, by_id: dict[int, TrainingPlan]) -> list[Paper]:
    rows = Withdrawal.objects.filter(applicant__candidate__in=reader.candidates, file__isnull=False)
    found = []
    for row in rows.select_related("file", "applicant__candidate").order_by("pk"):
        application = reader.applications[row.applicant.candidate.application_id]
        title = f"撤回申请 {application.number} {application.person.name}"
        found.append(Paper(row.file, title, "withdrawals", by_id[application.plan_id]))
    return found


def session_letters(reader: Reader) -> list[Paper]:
    """What is between authorities: notices of acceptance with the names of all institutions, decisions to bar with
    their evidence, notices and decisions by which certificates ended."""
    return [*_acceptances(reader), *_bars(reader), *_endings(reader)]


def _acceptances(reader: Reader) -> list[Paper]:
    rows = AcceptanceNotice.objects.filter(batch__session=reader.session, letter__isnull=False)
    return [
        Paper(row.letter, f"受理通知书 {row.number}", "acceptances")
        for row in rows.select_related("letter").order_by("pk")
    ]


def _bars(reader: Reader) -> list[Paper]:
    held = reader.cases(BAR_CASES)
    letters = BarCase.objects.filter(pk__in=held, letter__isnull=False).select_related("letter")
    found = [Paper(row.letter, f"{row.number} {held[row.pk].name}", "bars") for row in letters.order_by("pk")]
    evidence = BarEvidence.objects.filter(case__in=held, file__isnull=False).select_related("file")
    return found + [
        Paper(row.file, f"证据 {held[row.case_id].name} {row.file.name}", "bars")
        for row in evidence.order_by("case", "pk")
    ]


def _endings(reader: Reader) -> list[Paper]:
    held = reader.cases(ENDINGS)
    files = StoredFile.objects.of(EndingCase, held).order_by("owner_id", "pk")
    return [Paper(row, f"{held[row.owner_id].name} {row.name.removesuffix('.pdf')}", "endings") for row in files]
