"""The columns of a file of scores, with the headings that the field and the exam machines use (facts 8)."""

from certification.spreadsheets.cleaning import clean_decimal, clean_digits, clean_name, one_of
from certification.spreadsheets.columns import Column
from certification.spreadsheets.writing import workbook
from exams.exam_day.standing import attendance
from exams.models import Part, SessionPart
from exams.scores.standing import to_be_scored
from exams.standards import PartStandard

_YES = {"是": True, "√": True, "有": True, "缺考": True, "否决": True, "1": True, "Y": True}
_NO = {"否": False, "×": False, "无": False, "0": False, "N": False, "正常": False}
_yes_or_no = one_of({**_YES, **_NO}, ("是", "否"))


def score_columns(part: str, standard: PartStandard) -> list[Column]:
    """The columns of a file for ``part``: who, the score or subscores, absent, veto."""
    who = [
        Column("ticket", "准考证号", ("准考证编号", "准考号", "考号"), clean=clean_digits, text=True),
        Column("name", "姓名", ("考生姓名", "考生"), clean=clean_name),
        Column(
            "identity", "证件号码", ("身份证号", "身份证号码", "证件号"), required=False, clean=clean_digits, text=True
        ),
    ]
    return [
        *who,
        *(_practical(standard) if standard.subjects else _theory(part)),
        Column("absent", "缺考", ("是否缺考", "缺考标记"), required=False, clean=_yes_or_no, choices=("是", "否")),
    ]


def _theory(part: str) -> list[Column]:
    label = Part(part).label
    names = (f"{label}成绩", f"{label}考试成绩", "得分", "分数", "总分", "总成绩")
    return [Column("score", "成绩", names, required=False, clean=clean_decimal)]


def _practical(standard: PartStandard) -> list[Column]:
    subjects = [
        Column(
            subject.code,
            subject.code,
            (subject.name, subject.name.split()[0], f"{subject.code}{subject.name}", f"{subject.code}得分"),
            required=False,
            clean=clean_decimal,
            note=f"{subject}。",
        )
        for subject in standard.subjects
    ]
    veto = Column("veto", "否决项", ("是否否决", "触发否决项"), required=False, clean=_yes_or_no, choices=("是", "否"))
    total = Column("score", "总成绩", ("实操成绩", "成绩", "总分", "得分"), required=False, clean=clean_decimal)
    drawn = Column("drawn", "抽考题目", ("抽考项目", "抽题", "题号"), required=False)
    return [*subjects, total, *([veto] if standard.veto else []), drawn]


def score_template(place: SessionPart, standard: PartStandard) -> bytes:
    """The workbook to fill in: a row for everybody who is to have a score; who did not come stands as absent."""
    columns = score_columns(place.part, standard)
    names = [column.name for column in columns]
    blank = [""] * (len(names) - 3)
    signed = attendance(place.session_id, place.part)
    away = {pk for pk, row in signed.items() if not row.came}
    rows = [
        [row.ticket_number, row.application.person.name, *blank, "是" if row.pk in away else ""]
        for row in to_be_scored(place.session, place.part)
    ]
    return workbook(
        names,
        rows,
        notes=[
            f"场次{place.session.number}{place.get_part_display()}成绩，满分 {standard.total} 分，"
            f"{standard.pass_mark} 分合格。",
            "缺考的在“缺考”列填“是”，不填成绩。证件号码可以不填；填写的，与准考证号、姓名一并核对。",
            *(["总成绩可以不填，为各科目之和。实操成绩只录理论合格者。"] if standard.subjects else []),
        ],
        required=[column.name for column in columns if column.required],
        text_columns=[column.name for column in columns if column.text],
        choices={column.name: column.choices for column in columns if column.choices},
        header_notes={column.name: column.note for column in columns if column.note},
    )
