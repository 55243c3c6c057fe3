"""Rosters as something that is imported: what ``certification.imports`` asks of it."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from certification.imports.models import Import
from certification.imports.purposes import Judgement, Purpose, Saved
from certification.imports.purposes import register as register_purpose
from certification.imports.states import Standing
from certification.people.models import mask
from certification.records.models import StoredFile
from certification.spreadsheets.columns import Column, Record
from training.models import Lesson, TrainingPlan
from training.rosters import submitting
from training.rosters.roster_checks import check_roster
from training.rosters.roster_columns import roster_columns

SHOWN = ("name", "identity", "education", "phone", "employer", "position")


def register() -> None:
    """Let rosters be imported."""
    register_purpose(
        Purpose(
            code=submitting.PURPOSE,
            label="学员名单",
            unit="人",
            action=submitting.SUBMIT,
            columns=_columns,
            judge=_judge,
            save=_save,
            shown=SHOWN,
            identify=("identity", "name"),
            url=lambda import_: reverse("training:roster", args=[import_.subject_id]),
            title=lambda import_: str(_plan(import_)),
            save_label="报送名单",
            closed=lambda import_, now: submitting.closed(_plan(import_), now=now),
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
    enrolled = {trainee.person.key: trainee for trainee in check.enrolled}
    standings, changes = {}, {}
    for record in records if enrolled else ():
        trainee = enrolled.get(record["identity"].key) if record["identity"] else None
        if trainee is None:
            continue
        differing = submitting.differences(trainee, record, check)
        standings[record.row] = Standing.CHANGED if differing else Standing.SAME
        if differing:
            changes[record.row] = differing
    latest = submitting.current_roster(plan)
    return Judgement(
        problems=check.problems,
        warnings=check.warnings,
        standings=standings,
        changes=changes,
        leaving=[f"{trainee.person.name}（{mask(trainee.person.document_number)}）" for trainee in check.leaving],
        basis={"version": latest.version if latest else 0},
    )


def _save(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    roster = submitting.submit_roster(
        actor=actor, now=now, plan_id=import_.subject_id, records=records, file=_file(import_), upload=import_
    )
    numbers = "、".join(roster.receipts.order_by("pk").values_list("number", flat=True))
    sentence = f"名单第 {roster.version} 版已报送，共 {roster.headcount} 人，回执编号 {numbers}。"
    first = "" if Lesson.objects.standing().filter(plan=roster.plan_id).exists() else "安排课程表，并"
    return Saved(
        f"{sentence}下一步：{first}在“考试申报”中为学员申报考试。",
        reverse("training:roster", args=[roster.plan_id]),
        {"version": roster.version, "headcount": roster.headcount},
    )


def _file(import_: Import) -> StoredFile | None:
    """The upload, where it is the version as it stands; None where corrections or left-out rows made the version of
    it: those files are the upload's own, and ``roster_copies`` puts their rows together for who asks."""
    files = list(import_.files.select_related("file").order_by("number"))
    return files[0].file if len(files) == 1 and not import_.dropped else None
