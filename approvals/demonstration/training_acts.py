"""What institutions and recipients do with a class of the demonstration: plan, answers, roster."""

from approvals.demonstration.cases import Case
from approvals.demonstration.people import InventedPerson
from certification.imports import working
from certification.organisations.models import OrganisationKind
from certification.people.models import DocumentType, Education, Sex
from certification.records.models import StoredFile
from certification.spreadsheets.columns import read_records
from certification.spreadsheets.writing import workbook
from certification.workdays import calendars
from training.models import PlanReceipt, TrainingPlan
from training.plans import acknowledging, filing, moving
from training.plans.plan_entry import TeacherEntry
from training.rosters import submitting
from training.rosters.roster_columns import roster_columns

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HOURS = {"INITIAL": 80, "PERIODIC_REVIEW": 24, "RENEWAL": 24}
# How much of an initial class is learnt online.
_ONLINE_PERCENT = 30
_EDUCATION = {Education.SENIOR_HIGH: "高中", Education.VOCATIONAL: "中专", Education.COLLEGE: "大专"}


def draft(case: Case, now) -> None:
    hours = case.job_type.required_hours(case.story.kind) or _HOURS[case.story.kind]
    online = hours * _ONLINE_PERCENT // 100 if case.initial else 0
    plan = filing.save_draft(
        actor=case.cast.filer,
        now=now,
        teachers=[
            TeacherEntry(one.name, one.number, subject)
            for one, subject in zip(case.teachers, ("理论", "实操"), strict=True)
        ],
        job_type=case.job_type,
        kind=case.story.kind,
        class_start=case.class_start,
        class_end=case.class_end,
        wished_exam_on=case.exam_on,
        capacity=40,
        onsite_hours=hours - online,
        online_hours=online,
        venue=f"{case.cast.filer.organisation.short_name}教学楼201室",
    )
    case.plan_id = plan.pk


def file(case: Case, now) -> None:
    filing.file_plan(actor=case.cast.filer, now=now, plan_id=case.plan_id)


def move_class(case: Case, now) -> None:
    """The class begins three working days later and lasts as long."""
    plan = TrainingPlan.objects.select_related("rule_edition", "job_type__group").get(pk=case.plan_id)
    start = calendars.current().shift(plan.class_start, 3).date
    days = moving.Days(start, plan.class_end + (start - plan.class_start), plan.wished_exam_on)
    fingerprint = moving.preview(plan, days, now=now).fingerprint
    moving.move_class(actor=case.cast.filer, now=now, plan_id=plan.pk, days=days, fingerprint=fingerprint)


def answer_plan(case: Case, now) -> None:
    if "plan_withdrawn" in case.story.twists:
        filing.withdraw_plan(actor=case.cast.filer, now=now, plan_id=case.plan_id, reason="报名人数不足，暂缓开班。")
        return
    for receipt in PlanReceipt.objects.filter(plan=case.plan_id).select_related("recipient").order_by("pk"):
        _answer(case, receipt, now)


def submit_roster(case: Case, now) -> None:
    """With the twist ``substitute`` a second version puts somebody in the place of the last."""
    if "substitute" in case.story.twists:
        _submit_roster(case, [*case.people[:-1], case.teachers[-1]], now)
    _submit_roster(case, case.people, now)


def upload_roster(case: Case, now) -> None:
    """A roster with errors, uploaded and checked, waits for its corrections."""
    columns = roster_columns(now.date(), case.job_type.name)
    rows = [_row(one, case.job_type.name) for one in case.people]
    rows[1][2] = f"{rows[1][2][:-2]}{'19' if rows[1][2][-2:] != '19' else '28'}"
    rows[2][4] = rows[2][4][:8]
    rows[3][3] = "肄业"
    rows[4][0] = ""
    rows.append(list(rows[0]))
    names = [column.name for column in columns]
    content = workbook(names, rows, text_columns={column.name for column in columns if column.text})
    import_ = submitting.upload(
        actor=case.cast.filer, now=now, plan_id=case.plan_id, content=content, name="学员名单（第一稿）.xlsx"
    )
    working.work_on(import_.pk)


def _answer(case: Case, receipt: PlanReceipt, now) -> None:
    """A return is the city's, a rejection the province's; the other tier has not answered yet."""
    to_province = receipt.recipient.kind == OrganisationKind.PROVINCIAL_CENTRE
    actor = case.cast.province("shenhe") if to_province else case.cast.organiser("shenhe")
    if "plan_returned" in case.story.twists:
        if not to_province:
            reason = "实操学时安排与大纲不符，请补充实操课程表。"
            acknowledging.return_plan(actor=actor, now=now, receipt_id=receipt.pk, reason=reason)
    elif "plan_rejected" in case.story.twists:
        if to_province:
            reason = "培训机构未登记该操作项目的实操场地。"
            acknowledging.reject(actor=actor, now=now, receipt_id=receipt.pk, reason=reason)
    else:
        acknowledging.acknowledge(actor=actor, now=now, receipt_id=receipt.pk)


def _submit_roster(case: Case, people: list[InventedPerson], now) -> None:
    content = roster_workbook(people, case.job_type.name, now.date())
    name = f"学员名单-{case.job_type.name}.xlsx"
    actor = case.cast.filer
    plan = TrainingPlan.objects.get(pk=case.plan_id)
    stored = StoredFile.store(content, name=name, media_type=SHEET, owner=plan, actor=actor, now=now)
    parsed = read_records(content, name, roster_columns(now.date(), case.job_type.name))
    submitting.submit_roster(actor=actor, now=now, plan_id=case.plan_id, records=parsed.records, file=stored)


def roster_workbook(people: list[InventedPerson], job_type: str, today) -> bytes:
    """A roster as an institution fills in the template."""
    columns = roster_columns(today, job_type)
    return workbook(
        [column.name for column in columns],
        [_row(one, job_type) for one in people],
        text_columns=[column.name for column in columns if column.text],
    )


def _row(one: InventedPerson, job_type: str) -> list[str]:
    female = one.sex == Sex.FEMALE
    return [
        one.name,
        "女" if female else "男",
        one.number,
        _EDUCATION[one.education],
        one.phone,
        one.employer,
        "操作工",
        job_type,
        "女工人" if female else "",
        "" if one.document_type == DocumentType.IDENTITY_CARD else one.document_type.label,
        "" if one.document_type == DocumentType.IDENTITY_CARD else f"{one.birth_date:%Y-%m-%d}",
    ]
