"""What happened on the exam day: sign-in, room records, incidents, tours, the recording (rules 10)."""

from approvals.dossiers.sections.cells import cells
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Paper, Row
from certification.records.models import StoredFile
from exams.models import (
    Incident,
    InspectionTour,
    RecordSignature,
    RoomRecord,
    SessionRecording,
    SignIn,
    TourAnswer,
    TourFinding,
)


def _sign_ins(reader: Reader) -> list[Row]:
    rows = SignIn.objects.filter(part__session=reader.session).select_related(
        "candidate__application__person", "part", "use__room", "recorded_by__person"
    )
    return [
        cells(
            row.part.get_part_display(),
            row.use.room.name,
            row.candidate.ticket_number,
            row.candidate.application.person.name,
            row.get_outcome_display(),
            row.number_read,
            row.identity_compared,
            row.note,
            row.recorded_by,
            row.recorded_at,
        )
        for row in rows.order_by("part__day", "part__first_slot", "use__room__name", "candidate__ticket_number", "pk")
    ]


def _room_records(reader: Reader) -> list[Row]:
    """One row for each line of each record, the edition's text beside what was answered."""
    rows = RoomRecord.objects.filter(use__part__session=reader.session).select_related(
        "use__part", "use__room", "written_by__person"
    )
    found = []
    for row in rows.order_by("use__part__day", "use__part__first_slot", "use__room__name", "pk"):
        place = (row.use.part.get_part_display(), row.use.room.name)
        times = f"{row.started_at:%H:%M}—{row.ended_at:%H:%M}" if row.started_at and row.ended_at else ""
        found.append(cells(*place, "实际时间", times, "", row.get_state_display(), row.written_by, row.written_at))
        found += [cells(*place, one["text"], one["answer"], one["remark"], "", "", "") for one in row.lines]
        if row.remarks:
            found.append(cells(*place, "其他情况", "", row.remarks, "", "", ""))
    return found


def _signatures(reader: Reader) -> list[Row]:
    rows = RecordSignature.objects.filter(record__use__part__session=reader.session).select_related(
        "record__use__part", "record__use__room", "person"
    )
    return [
        cells(
            row.record.use.part.get_part_display(),
            row.record.use.room.name,
            row.person.name,
            row.get_duty_display(),
            row.signed_at,
            row.withdrawn_at,
        )
        for row in rows.order_by("record__use__part__day", "record", "pk")
    ]


def _incidents(reader: Reader) -> list[Row]:
    rows = Incident.objects.filter(session=reader.session).for_display().order_by("happened_at", "pk")
    return [
        cells(
            row.number,
            row.get_kind_display(),
            row.act_text,
            row.clause,
            row.candidate.application.person.name if row.candidate else "",
            row.use.room.name if row.use else "",
            row.happened_at,
            row.description,
            row.reported_by_name,
            row.statement,
            row.get_effect_display(),
            row.barred,
            row.proposed_by_name,
            row.decided_by_name,
            row.decided_at,
            row.decision,
            row.review_request,
            row.reviewed_by_name,
            row.review_decision,
            row.get_state_display(),
        )
        for row in rows
    ]


def _tours(reader: Reader) -> list[Row]:
    rows = InspectionTour.objects.filter(session=reader.session).for_display().order_by("toured_at", "pk")
    return [
        cells(
            row.number,
            row.organisation,
            row.inspector,
            row.toured_at,
            row.remarks,
            row.about,
            row.get_effect_display(),
            row.suspended_at,
            row.restored_at,
            row.get_state_display(),
        )
        for row in rows
    ]


def _tour_findings(reader: Reader) -> list[Row]:
    rows = TourFinding.objects.filter(visit__session=reader.session).select_related("visit").order_by("visit", "pk")
    return [cells(row.visit.number, row.text, row.get_grade_display() or "符合", row.note) for row in rows]


def _tour_answers(reader: Reader) -> list[Row]:
    rows = TourAnswer.objects.filter(visit__session=reader.session).select_related(
        "visit", "answered_by__person", "judged_by__person"
    )
    return [
        cells(
            row.visit.number,
            row.round,
            row.text,
            row.answered_by,
            row.answered_at,
            row.accepted,
            row.opinion,
            row.judged_by,
            row.judged_at,
        )
        for row in rows.order_by("visit", "round")
    ]


def _recording(reader: Reader) -> list[Row]:
    rows = SessionRecording.objects.filter(session=reader.session).select_related("noted_by__person")
    return [cells(row.keep_until, row.place, row.noted_by, row.noted_at) for row in rows]


def _record_papers(reader: Reader) -> list[Paper]:
    """The last file of each; one that was made before a correction of the sign-in is kept beside the record itself."""
    records = RoomRecord.objects.filter(use__part__session=reader.session).values_list("pk", flat=True)
    last = {row.owner_id: row for row in StoredFile.objects.of(RoomRecord, records).order_by("pk")}
    return [Paper(row, row.name.removesuffix(".pdf"), "room_records") for _owner, row in sorted(last.items())]


def day_papers(reader: Reader) -> list[Paper]:
    """Signed room records, evidence of incidents, photographs of tours and the evidence of their remedy."""
    found = _record_papers(reader)
    for model, path, title in (
        (Incident, "session", "异常情况"),
        (InspectionTour, "session", "巡考"),
        (TourAnswer, "visit__session", "巡考整改"),
    ):
        names = dict(
            model.objects.filter(**{path: reader.session}).values_list(
                "pk", "visit__number" if model is TourAnswer else "number"
            )
        )
        rows = StoredFile.objects.of(model, names)
        folder = "incidents" if model is Incident else "tours"
        found += [
            Paper(row, f"{title} {names[row.owner_id]} {row.name}", folder) for row in rows.order_by("owner_id", "pk")
        ]
    return found


DAY_TABLES = (
    (
        "sign_ins",
        "考生签到",
        ("科目", "考场", "准考证号", "姓名", "签到", "读取号码", "证件照片相符", "说明", "登记人", "登记时间"),
        _sign_ins,
    ),
    (
        "room_records",
        "考场记录",
        ("科目", "考场", "项目", "记录", "情况", "状态", "填写人", "填写时间"),
        _room_records,
    ),
    ("signatures", "考场记录签名", ("科目", "考场", "签名人", "职责", "签名时间", "失效时间"), _signatures),
    (
        "incidents",
        "异常情况",
        (
            *("编号", "类别", "情形", "依据", "考生", "考场", "发生时间", "经过", "报告人", "陈述申辩"),
            *("处理", "提请禁考", "提出人", "决定人", "决定时间", "决定", "复核请求", "复核人", "复核决定", "状态"),
        ),
        _incidents,
    ),
    (
        "tours",
        "巡考",
        (
            *("编号", "巡考单位", "巡考人", "巡考时间", "记录", "涉及培训机构", "对考试点的处理"),
            *("暂停使用", "恢复使用", "状态"),
        ),
        _tours,
    ),
    ("tour_findings", "巡考清单", ("编号", "检查内容", "结果", "发现的问题"), _tour_findings),
    (
        "tour_answers",
        "巡考整改",
        ("编号", "第几次", "整改情况", "报送人", "报送时间", "合格", "复核意见", "复核人", "复核时间"),
        _tour_answers,
    ),
    ("recording", "考试录像", ("保存至", "存放位置", "登记人", "登记时间"), _recording),
)
