"""The columns of a certificate register, with the names that the national query, its data and the older local systems
use for them (facts 8), and the words for a certificate's state mapped to ours."""

from collections.abc import Callable
from datetime import date
from typing import Any

from certification.people.columns import education_column, employer_column, name_column, sex_column
from certification.people.document_cells import DOCUMENT_NAMES
from certification.people.models import CertificateState, DocumentType
from certification.spreadsheets.cleaning import CellProblem, clean_date, clean_digits, clean_text, one_of
from certification.spreadsheets.columns import Column
from certification.spreadsheets.writing import template

# A certificate that has only ended is still the last one held; whether it has is told by its date.
LAPSED = "LAPSED"
STATE_NAMES: dict[str, str] = {
    "有效": CertificateState.VALID.value,
    "正常": CertificateState.VALID.value,
    "在用": CertificateState.VALID.value,
    "在有效期内": CertificateState.VALID.value,
    "过期": LAPSED,
    "已过期": LAPSED,
    "到期": LAPSED,
    "已到期": LAPSED,
    "已换证": CertificateState.REPLACED.value,
    "已换发": CertificateState.REPLACED.value,
    "换证": CertificateState.REPLACED.value,
    "注销": CertificateState.CANCELLED.value,
    "已注销": CertificateState.CANCELLED.value,
    "作废": CertificateState.CANCELLED.value,
    "失效": CertificateState.CANCELLED.value,
    "已失效": CertificateState.CANCELLED.value,
    "撤销": CertificateState.REVOKED.value,
    "已撤销": CertificateState.REVOKED.value,
    "吊销": CertificateState.REVOKED.value,
    "已吊销": CertificateState.REVOKED.value,
}
STATE_CHOICES = ("有效", "已过期", "已换证", "已注销", "已撤销")


def register_columns() -> list[Column]:
    """The columns in the order of the template."""
    return [
        name_column(),
        sex_column(),
        Column(
            "number",
            "证号",
            ("证书编号", "操作证号", "操作证编号", "证书号", "证件编号", "certNum"),
            clean=clean_digits,
            text=True,
            example="T11010519491231002X",
        ),
        Column(
            "document_type",
            "证件类型",
            ("身份证件类型",),
            required=False,
            clean=once(one_of(DOCUMENT_NAMES, DocumentType.labels)),
            choices=tuple(DocumentType.labels),
            example="居民身份证",
        ),
        Column(
            "document_number",
            "证件号码",
            ("身份证号码", "身份证号", "证件号", "公民身份号码"),
            required=False,
            clean=clean_digits,
            text=True,
            example="11010519491231002X",
        ),
        _day("birth_date", "出生日期", ("出生年月日",), required=False, example="1949-12-31"),
        Column(
            "group",
            "作业类别",
            ("作业类型", "作业种类", "jobCategoryName"),
            required=False,
            clean=once(clean_text),
            example="电工作业",
        ),
        Column(
            "job_type",
            "操作项目",
            ("准操项目", "作业项目", "工种", "operItemName", "jobTypeName", "allowItem"),
            clean=once(clean_text),
            example="低压电工作业",
        ),
        _day("first_issued_on", "初领日期", ("初次领证日期", "初次发证日期", "issueDate"), example="2024-03-05"),
        _day(
            "valid_from",
            "有效期开始日期",
            ("有效期从", "有效期起", "有效期自", "有效期起始日期", "有效期开始", "validBeginDate"),
            example="2024-03-05",
        ),
        _day(
            "valid_until",
            "有效期结束日期",
            ("有效期到", "有效期至", "有效期止", "有效期截止日期", "有效期结束", "validEndDate"),
            example="2030-03-04",
        ),
        _day("review_due_on", "应复审日期", ("一次复审期", "复审期限", "shouldReviewDate"), required=False),
        _day("reviewed_on", "实际复审日期", ("复审日期", "复审记录1", "reviewDate"), required=False),
        Column(
            "authority",
            "签发机关",
            ("发证机关", "发证单位", "issueOrgName"),
            clean=once(clean_text),
            example="云岭省应急管理厅",
        ),
        Column(
            "state",
            "证书状态",
            ("状态", "证件状态", "certStatus"),
            required=False,
            clean=once(one_of(STATE_NAMES, STATE_CHOICES)),
            choices=STATE_CHOICES,
            example="有效",
        ),
        education_column(required=False),
        employer_column(),
        Column(
            "phone",
            "手机号",
            ("联系电话", "联系方式", "手机号码", "电话"),
            required=False,
            clean=clean_digits,
            text=True,
        ),
    ]


def register_template() -> bytes:
    """The workbook to fill in: numbers as text, drop-downs for what is chosen."""
    notes = [
        "带 * 的为必填列；列名也可以用全国查询系统和原发证系统的名称（如准操项目、发证机关、有效期从、有效期到）。",
        "证号为“T”加证件号码，同一人各操作项目证号相同；证号和操作项目相同的视为同一本证，一个文件中只能有一行。",
        "证号、证件号码列已设为文本格式，请勿改为数字。",
        "持证人使用护照等其他证件的，须填写证件类型、性别和出生日期。",
        "日期可以写作 2026-03-05、2026/3/5、2026年3月5日、20260305。",
        "本系统核发的证书不会被导入覆盖，不一致之处另行列出。",
    ]
    return template(register_columns(), title="特种作业操作证登记导入模板", notes=notes)


def once(clean: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``clean`` for a column of which the same few texts come again and again: each is cleaned once."""
    known: dict[str, Any] = {}

    def remembered(cell: Any) -> Any:
        if not isinstance(cell, str):
            return clean(cell)
        if cell not in known:
            known[cell] = clean(cell)
        return known[cell]

    return remembered


def _day(key: str, name: str, aliases: tuple[str, ...], *, required: bool = True, example: str = "") -> Column:
    return Column(key, name, aliases, required=required, clean=once(_clean_day), example=example)


def _clean_day(cell: Any) -> date:
    day = clean_date(cell)
    if not 1900 <= day.year < 2200:
        raise CellProblem("日期不合理。", code="date", advice="请核对年份。")
    return day
