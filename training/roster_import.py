"""Rosters as something that is imported: what ``certification.imports`` asks of it."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from certification.imports.models import Import
from certification.imports.purposes import Judgement, Purpose, Saved
from certification.imports.purposes import register as register_purpose
from certification.imports.states import Standing
from certification.people.models import mask
from certification.records.content import XLSX
from certification.records.models import StoredFile
from certification.spreadsheets.columns import Column, Record, shown
from certification.spreadsheets.writing import workbook
from training import rosters
from training.models import TrainingPlan
from training.roster_checks import check_roster
from training.roster_columns import roster_columns

SHOWN = ("name", "identity", "education", "phone", "employer", "position")


def register() -> None:
    """Let rosters be imported."""
    register_purpose(
        Purpose(
            code=rosters.PURPOSE,
            label="学员名单",
            unit="人",
            action=rosters.SUBMIT,
            columns=_columns,
            judge=_judge,
            save=_save,
            shown=SHOWN,
            identify=("identity", "name"),
            url=lambda import_: reverse("training:roster", args=[import_.subject_id]),
            title=lambda import_: str(_plan(import_)),
            save_label="报送名单",
            closed=lambda import_, now: rosters.closed(_plan(import_), now=now),
        )
    )


def _plan(import_: Import) -> TrainingPlan:
    plans = TrainingPlan.objects.select_related("job_type__group", "variant", "institution__territory", "rule_edition")
    return plans.get(pk=import_.subject_id)


def _columns(import_: Import, today: date) -> list[Column]:
    return roster_columns(today, _plan(import_).job_type.name)


def _judge(import_: Import, records: Sequence[Record], today: date) -> Judgement:
    plan = _plan(import_)
    check = check_roster(plan, records, today=today)
    enrolled = {trainee.person.document_number: trainee for trainee in check.enrolled}
    standings, changes = {}, {}
    for record in records if enrolled else ():
        trainee = enrolled.get(record["identity"].number) if record["identity"] else None
        if trainee is None:
            continue
        differing = rosters.differences(trainee, record, check)
        standings[record.row] = Standing.CHANGED if differing else Standing.SAME
        if differing:
            changes[record.row] = differing
    latest = rosters.current_roster(plan)
    return Judgement(
        problems=check.problems,
        warnings=check.warnings,
        standings=standings,
        changes=changes,
        leaving=[f"{trainee.person.name}（{mask(trainee.person.document_number)}）" for trainee in check.leaving],
        basis={"version": latest.version if latest else 0},
    )


def _save(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    file = _file(import_, records, actor, now)
    roster = rosters.submit_roster(
        actor=actor, now=now, plan_id=import_.subject_id, records=records, file=file, upload=import_
    )
    numbers = "、".join(roster.receipts.order_by("pk").values_list("number", flat=True))
    sentence = f"名单第 {roster.version} 版已报送，共 {roster.headcount} 人，回执编号 {numbers}。"
    return Saved(
        f"{sentence}下一步：在“考试申报”中为学员申报考试。",
        reverse("training:roster", args=[roster.plan_id]),
        {"version": roster.version, "headcount": roster.headcount},
    )


def _file(import_: Import, records: Sequence[Record], actor, now) -> StoredFile:
    """The file of the version: the upload as received, or what several files and left-out rows come to."""
    files = list(import_.files.select_related("file").order_by("number"))
    if len(files) == 1 and not import_.dropped:
        return files[0].file
    plan = _plan(import_)
    columns = _columns(import_, now.date())
    rows = [[shown(record.typed(column.key)) for column in columns] for record in records]
    names = [column.name for column in columns]
    content = workbook(names, rows, title=f"学员名单：{plan}（合并）", text_columns=set(names))
    return StoredFile.store(
        content, name=f"学员名单（合并）-{plan.number}.xlsx", media_type=XLSX, owner=plan, actor=actor, now=now
    )
