"""The file for the national platform: one row per person, by a column map that is rule data (facts 8).

The facts of a person are taken once and kept with the application (``LicenceApplicant.sent``): what the check of
scores and names later compares is what really went out.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.conf import settings

from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.spreadsheets.writing import workbook
from exams.models import Candidate, Material, MaterialKind, Part, Result

AREA = "platform"
CODE = "licence_file"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What must agree between what was sent and what is held when scores and names are checked.
COMPARED = (
    "name",
    "document_type",
    "document_number",
    "group",
    "job_type",
    "kind",
    "theory_score",
    "theory_day",
    "practical_score",
    "practical_day",
)


class UnknownColumn(LookupError):
    """The column map names a source that this module does not know."""


def facts_of(candidates: Sequence[Candidate], edition: RuleEdition) -> dict[int, dict[str, str]]:
    """Everything that a column may show of each candidate, as text: candidate id → source → text.

    Needs the candidates with ``RELATED`` selected. The same number of queries for one as for a thousand.
    """
    results = _results(candidates)
    photos = _photos(candidates)
    kinds = lookup.values(AREA, CODE, edition)["kinds"]
    return {
        candidate.pk: _facts(candidate, results.get(candidate.pk, {}), photos.get(candidate.application_id, ""), kinds)
        for candidate in candidates
    }


RELATED = (
    "session__site",
    "session__organiser",
    "application__person",
    "application__institution",
    "application__plan",
    "application__job_type__group",
    "application__variant",
    "application__trainee__certificate",
)


def columns(edition: RuleEdition) -> list[dict]:
    """The column map of an edition. Raises UnknownColumn for a source that no fact answers to."""
    found = lookup.values(AREA, CODE, edition)["columns"]
    for column in found:
        if "fixed" not in column and column["source"] not in SOURCES:
            raise UnknownColumn(f"“{column['name']}”的数据来源“{column['source']}”无法识别")
    return found


def render(facts: Iterable[dict[str, str]], edition: RuleEdition) -> bytes:
    """The workbook that is handed to the platform, every cell as text."""
    mapped = columns(edition)
    names = [column["name"] for column in mapped]
    rows = [[_cell(column, serial, row) for column in mapped] for serial, row in enumerate(facts, start=1)]
    return workbook(names, rows, text_columns=names)


def _cell(column: dict, serial: int, facts: dict[str, str]) -> str:
    if "fixed" in column:
        return column["fixed"]
    return str(serial) if column["source"] == "serial" else facts.get(column["source"], "")


def differences(sent: dict[str, str], held: dict[str, str]) -> list[dict[str, str]]:
    """Where what went out and what is on record differ, field by field."""
    return [
        {"field": LABELS[name], "sent": sent.get(name, ""), "held": held.get(name, "")}
        for name in COMPARED
        if sent.get(name, "") != held.get(name, "")
    ]


LABELS = {
    "name": "姓名",
    "document_type": "证件类型",
    "document_number": "证件号码",
    "group": "作业类别",
    "job_type": "操作项目",
    "kind": "申请类型",
    "theory_score": "理论成绩",
    "theory_day": "理论考试日期",
    "practical_score": "实操成绩",
    "practical_day": "实操考试日期",
}


def _facts(candidate: Candidate, results: dict[str, Result], photo: str, kinds: dict[str, str]) -> dict[str, str]:
    context = (candidate, results, photo, kinds)
    return {name: source(*context) for name, source in SOURCES.items() if name != "serial"}


def _person(read: Callable) -> Callable[..., str]:
    return lambda candidate, results, photo, kinds: str(read(candidate.application.person) or "")


def _application(read: Callable) -> Callable[..., str]:
    return lambda candidate, results, photo, kinds: str(read(candidate.application) or "")


def _certificate(read: Callable) -> Callable[..., str]:
    """Dates of the certificate already held; a first certificate has none before the decision."""

    def text(candidate, results, photo, kinds) -> str:
        held = candidate.application.trainee.certificate
        return _day(read(held)) if held else ""

    return text


def _score(part: Part) -> Callable[..., str]:
    def text(candidate, results, photo, kinds) -> str:
        result = results.get(part)
        return f"{result.score.normalize():f}" if result and result.score is not None else ""

    return text


def _exam_day(part: Part) -> Callable[..., str]:
    """The day on which the part was really taken: a part passed earlier keeps its own day."""

    def text(candidate, results, photo, kinds) -> str:
        result = results.get(part)
        return _day(result.exam_day) if result else ""

    return text


SOURCES: dict[str, Callable[..., str]] = {
    "serial": lambda *context: "",
    "name": _person(lambda person: person.name),
    "sex": _person(lambda person: person.get_sex_display()),
    "document_type": _person(lambda person: person.get_document_type_display()),
    "document_number": _person(lambda person: person.document_number),
    "education": _application(lambda application: application.trainee.get_education_display()),
    "phone": _application(lambda application: application.trainee.phone),
    "employer": _application(lambda application: application.trainee.employer),
    "group": _application(lambda application: application.job_type.group.name),
    "job_type": _application(lambda application: application.job_type.name),
    "variant": _application(lambda application: application.variant),
    "kind": lambda candidate, results, photo, kinds: kinds[candidate.application.kind],
    "institution": _application(lambda application: application.institution.name),
    "hours": _application(lambda application: application.plan.total_hours),
    "theory_score": _score(Part.THEORY),
    "theory_day": _exam_day(Part.THEORY),
    "practical_score": _score(Part.PRACTICAL),
    "practical_day": _exam_day(Part.PRACTICAL),
    "site": lambda candidate, results, photo, kinds: candidate.session.site.name,
    "organiser": lambda candidate, results, photo, kinds: candidate.session.organiser.name,
    "first_issued_on": _certificate(lambda certificate: certificate.first_issued_on),
    "valid_from": _certificate(lambda certificate: certificate.valid_from),
    "valid_until": _certificate(lambda certificate: certificate.valid_until),
    "review_due_on": _certificate(lambda certificate: certificate.review_due_on),
    "authority": lambda *context: settings.LICENSING_AUTHORITY,
    "photo_name": lambda candidate, results, photo, kinds: photo,
    "number": _application(lambda application: application.number),
}


def _results(candidates: Sequence[Candidate]) -> dict[int, dict[str, Result]]:
    """The released results of each candidate by part, each with the day on which it was taken as ``exam_day``."""
    found: dict[int, dict[str, Result]] = {}
    rows = Result.objects.filter(candidate__in=[candidate.pk for candidate in candidates], state="RELEASED")
    for result in rows.select_related("carried_from").prefetch_related(
        "candidate__session__parts", "carried_from__candidate__session__parts"
    ):
        taken = result.carried_from or result
        days = {part.part: part.day for part in taken.candidate.session.parts.all()}
        result.exam_day = days.get(result.part)
        found.setdefault(result.candidate_id, {})[result.part] = result
    return found


def _photos(candidates: Sequence[Candidate]) -> dict[int, str]:
    """The name under which each application's photo goes along: document number and the file's own ending."""
    rows = Material.objects.filter(
        application__in=[candidate.application_id for candidate in candidates],
        kind=MaterialKind.PHOTO,
        replaced_at__isnull=True,
    )
    endings = {"image/png": "png"}
    return {
        row.application_id: f"{row.application.person.document_number}.{endings.get(row.file.media_type, 'jpg')}"
        for row in rows.select_related("application__person", "file")
    }


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""
