"""线上学时: taking over what a learning platform reports about a class, all rows or none [四(一)].

Rule values (training/rules.toml): ``training.hours_per_day``.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import models
from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.organisations import access
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup
from certification.spreadsheets.columns import Record
from certification.workdays.wording import plain_day
from certification.workflow import activity, lock, log
from training.cases import locked_plan
from training.lessons.attendance_window import require_open
from training.lessons.signing_in import RECORD, NothingChanged
from training.models import OnlineHours, OnlineImport, Trainee, TrainingPlan
from training.plans.plan_checks import AREA
from training.states import TraineeState


@activity
def import_online_hours(
    *,
    actor,
    now,
    plan_id: int,
    platform: str,
    records: Sequence[Record],
    content: bytes,
    name: str,
    media_type: str,
    reason: str = "",
) -> OnlineImport:
    """Take over ``records`` (as ``online_columns`` parsed ``content``) of one platform, in place of its earlier report.

    Raises Incomplete with every problem of every row, or where an earlier report is replaced without a reason,
    NothingChanged for the same file, TooLate once attendance is closed, WrongState, NotPermitted, NotFound.
    """
    access.require(actor, RECORD)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    require_open(plan, today=clock.day_of(now))
    platform = platform.strip()
    before = lock(OnlineImport.objects.filter(plan=plan, platform=platform, replaced_at__isnull=True))
    found = _Found(plan)
    problems = list(_reasons(platform, before, reason))
    problems += check_online(plan, records, found, platform=platform, today=clock.day_of(now))
    if problems:
        raise Incomplete(problems)
    stored = StoredFile.store(content, name=name, media_type=media_type, owner=plan, actor=actor, now=now)
    for row in before:
        if row.file.sha256 == stored.sha256:
            raise NothingChanged(f"该文件与已导入的{row}完全相同，没有重复导入。")
        row.replaced_at, row._history_date = now, now
        row.save(update_fields=["replaced_at"])
    return _write(plan, platform, records, stored, found, reason.strip() if before else "", actor=actor, now=now)


class _Found:
    """Who is in the class by identity number, and what other platforms have reported."""

    def __init__(self, plan: TrainingPlan):
        rows = Trainee.objects.filter(plan=plan, state=TraineeState.ENROLLED).select_related("person")
        self.trainees = {row.person.document_number: row for row in rows}
        self.elsewhere: dict[int, list[OnlineHours]] = defaultdict(list)
        standing = OnlineHours.objects.filter(source__plan=plan, source__replaced_at__isnull=True)
        for row in standing.select_related("source").order_by("pk"):
            self.elsewhere[row.trainee_id].append(row)
        self.last = OnlineImport.objects.filter(plan=plan).values("platform").annotate(last=models.Max("version"))


def check_online(
    plan: TrainingPlan, records: Sequence[Record], found: "_Found", *, platform: str, today: date
) -> list[Problem]:
    """Everything that is wrong with the rows, in the order of the sheet."""
    per_day = lookup.values(AREA, "hours_per_day", plan.rule_edition)["maximum"]
    seen: dict[int, list[Record]] = defaultdict(list)
    problems = []
    for record in records:
        problems += record.problems
        trainee = record["identity"] and found.trainees.get(record["identity"])
        if record["identity"] and trainee is None:
            problems.append(
                _problem(
                    record, "identity", "不在本班在册学员中。", "not_in_class", "请核对证件号码，或先变更学员名单。"
                )
            )
        if not record.ok:
            continue
        problems += _date_problems(plan, record, per_day, today)
        if trainee is not None and record["began_on"] <= record["ended_on"]:
            problems += _overlaps(record, seen[trainee.pk], found.elsewhere[trainee.pk], platform)
            seen[trainee.pk].append(record)
    return problems


def _reasons(platform: str, before: list[OnlineImport], reason: str) -> list[Problem]:
    if not platform:
        return [Problem("请填写学习平台。", code="required", field="platform")]
    if before and not reason.strip():
        said = f"“{platform}”的学时已导入过（第 {before[0].version} 版），再次导入将替换，请写明更正原因。"
        return [Problem(said, code="required", field="reason")]
    return []


def _date_problems(plan: TrainingPlan, record: Record, per_day: int, today: date) -> list[Problem]:
    began, ended = record["began_on"], record["ended_on"]
    if ended < began:
        return [_problem(record, "ended_on", "截止日期早于起始日期。", "dates")]
    problems = []
    if began < plan.class_start or ended > plan.class_end:
        dates = f"{plain_day(plan.class_start)}至{plain_day(plan.class_end)}"
        name = "began_on" if began < plan.class_start else "ended_on"
        problems.append(_problem(record, name, f"学习日期应在开班至结班之间（{dates}）。", "outside"))
    if ended > today:
        problems.append(_problem(record, "ended_on", "截止日期在今天之后。", "future"))
    days = (ended - began).days + 1
    if record["hours"] > days * per_day:
        said = f"{days} 天 {record['hours']:g} 学时，平均每天超过 {per_day} 学时。"
        problems.append(_problem(record, "hours", said, "per_day"))
    return problems


def _overlaps(record: Record, seen: list[Record], elsewhere: list[OnlineHours], platform: str) -> list[Problem]:
    for other in seen:
        if _meet(record, other["began_on"], other["ended_on"]):
            return [_problem(record, "began_on", f"与第 {other.row} 行的日期重叠，学时会重复计算。", "duplicate")]
    for row in elsewhere:
        if row.source.platform != platform and _meet(record, row.began_on, row.ended_on):
            return [_problem(record, "began_on", f"与“{row.source.platform}”已导入的日期重叠。", "duplicate")]
    return []


def _meet(record: Record, began: date, ended: date) -> bool:
    return record["began_on"] <= ended and began <= record["ended_on"]


_LABELS = {"identity": "身份证号码", "hours": "线上学时", "began_on": "起始日期", "ended_on": "截止日期"}


def _problem(record: Record, key: str, message: str, code: str, advice: str = "") -> Problem:
    value = record[key]
    return Problem(message, code=code, field=key, row=record.row, column=_LABELS[key], value=f"{value}", advice=advice)


def _write(plan, platform, records, stored, found: _Found, reason: str, *, actor, now) -> OnlineImport:
    versions = {row["platform"]: row["last"] for row in found.last}
    people = {record["identity"] for record in records}
    source = OnlineImport(
        plan=plan,
        platform=platform,
        version=versions.get(platform, 0) + 1,
        file=stored,
        headcount=len(people),
        imported_by=actor,
        imported_at=now,
        reason=reason,
    )
    source._history_date = now
    source.save(force_insert=True)
    rows = [
        OnlineHours(
            source=source,
            trainee=found.trainees[record["identity"]],
            hours=record["hours"],
            began_on=record["began_on"],
            ended_on=record["ended_on"],
        )
        for record in records
    ]
    bulk_create_with_history(rows, OnlineHours, default_user=actor, default_date=now)
    detail = {"platform": platform, "version": source.version, "headcount": source.headcount}
    log([plan], "import_online", actor=actor, now=now, reason=reason, detail=detail)
    return source
