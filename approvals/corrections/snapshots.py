"""What an application says on a day, as label and value: two of them side by side show what was changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from certification.people.models.persons import mask
from certification.rulebook import lookup
from exams.materials import paper_standards
from exams.models import ExamApplication

Facts = list[dict]


@dataclass(frozen=True)
class Change:
    """One column that says something else than before."""

    label: str
    before: str
    after: str


def of_applications(application_ids: Iterable[int]) -> dict[int, Facts]:
    """Application id → what it says of person, training and exam. One query."""
    rows = ExamApplication.objects.filter(pk__in=list(application_ids)).select_related(
        "person", "trainee", "wished_session", "job_type", "variant", "rule_edition"
    )
    return {row.pk: _facts(row) for row in rows}


def of_sent(sent: dict[str, str], day: date) -> Facts:
    """What went to the national platform of one person, under the names of the columns of ``day``'s edition; the
    identity number is masked."""
    columns = lookup.values("platform", "licence_file", day)["columns"]
    said = {column["name"]: sent.get(column["source"], "") for column in columns if column.get("source") in sent}
    number = sent.get("document_number", "")
    return [
        {"label": name, "value": mask(value) if number and value == number else value} for name, value in said.items()
    ]


def changes(before: Facts, after: Facts) -> list[Change]:
    """The columns that differ, in the order of ``after``; what one of them lacks is empty there."""
    old = {row["label"]: row["value"] for row in before}
    new = {row["label"]: row["value"] for row in after}
    labels = dict.fromkeys([*new, *old])
    found = [Change(label, old.get(label, ""), new.get(label, "")) for label in labels]
    return [change for change in found if change.before != change.after]


def _facts(application: ExamApplication) -> Facts:
    person, trainee = application.person, application.trainee
    exemption = paper_standards.exemption_of(application)
    said = {
        "姓名": person.name,
        "性别": person.get_sex_display(),
        "出生日期": person.birth_date.isoformat(),
        "文化程度": trainee.get_education_display(),
        "工作单位": trainee.employer,
        "联系电话": trainee.phone,
        "操作项目": application.job_type.name,
        "细分": application.variant.name if application.variant else "",
        "申报场次": application.wished_session.number if application.wished_session else "",
        "免培训依据": exemption.title if exemption else "",
    }
    return [{"label": label, "value": value} for label, value in said.items()]
