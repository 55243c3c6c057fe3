"""Import columns that describe persons; rosters, applications and imports of certificates share them."""

from dataclasses import replace
from datetime import date

from certification.people.document_cells import DOCUMENT_CHOICES, DOCUMENT_NAMES, document_cleaner, identity_cleaner
from certification.people.models import Education, Sex
from certification.spreadsheets.cleaning import CellProblem, clean_date, clean_digits, clean_name, one_of
from certification.spreadsheets.columns import Column

EDUCATION_NAMES: dict[str, str] = {
    "小学": Education.PRIMARY,
    "初中": Education.JUNIOR_HIGH,
    "高中": Education.SENIOR_HIGH,
    "中专": Education.VOCATIONAL,
    "中技": Education.VOCATIONAL,
    "技校": Education.VOCATIONAL,
    "职高": Education.VOCATIONAL,
    "大专": Education.COLLEGE,
    "专科": Education.COLLEGE,
    "高职": Education.COLLEGE,
    "本科": Education.BACHELOR,
    "大学": Education.BACHELOR,
    "大学本科": Education.BACHELOR,
    "研究生": Education.POSTGRADUATE,
    "硕士": Education.POSTGRADUATE,
    "博士": Education.POSTGRADUATE,
    "硕士研究生": Education.POSTGRADUATE,
    "博士研究生": Education.POSTGRADUATE,
    "初中毕业": Education.JUNIOR_HIGH,
    "高中毕业": Education.SENIOR_HIGH,
    "中专（中技、职高）": Education.VOCATIONAL,
}
EDUCATION_CHOICES = ("小学", "初中", "高中", "中专", "大专", "本科", "研究生")


def name_column(*, required: bool = True) -> Column:
    """姓名."""
    return Column(
        "name", "姓名", ("考生姓名", "学员姓名", "人员姓名"), required=required, clean=clean_name, example="张三"
    )


def identity_column(today: date, *, required: bool = True) -> Column:
    """证件号码; the value is an IdentityNumber."""
    return Column(
        "identity",
        "身份证号码",
        ("身份证号", "身份证", "证件号码", "证件号", "公民身份号码", "居民身份证号码"),
        required=required,
        clean=identity_cleaner(today),
        text=True,
        example="11010519491231002X",
    )


def document_column() -> Column:
    """证件类型; optional, an identity card where nothing is said."""
    return Column(
        "document_type",
        "证件类型",
        ("身份证件类型", "证件种类", "证件名称", "证件类别"),
        required=False,
        clean=one_of(DOCUMENT_NAMES, DOCUMENT_CHOICES),
        choices=DOCUMENT_CHOICES,
        example="居民身份证",
    )


def birth_date_column() -> Column:
    """出生日期; only said where the number does not tell it."""
    return Column("birth_date", "出生日期", ("出生年月日", "出生年月"), required=False, clean=clean_date)


def any_document_column(today: date) -> Column:
    """证件号码 of whichever document 证件类型 names; the value is an IdentityNumber. Of a document whose number tells
    neither, sex and birth date must stand in the row."""
    return replace(identity_column(today), clean=document_cleaner(today), in_row=True)


def sex_column() -> Column:
    """性别; optional, since the identity number tells it."""
    return Column(
        "sex",
        "性别",
        required=False,
        clean=one_of({"男": Sex.MALE.value, "女": Sex.FEMALE.value}),
        choices=("男", "女"),
        example="女",
    )


def phone_column(*, required: bool = True) -> Column:
    """手机号."""
    return Column(
        "phone",
        "手机号",
        ("手机", "手机号码", "联系电话", "联系方式", "电话"),
        required=required,
        clean=clean_phone,
        text=True,
        example="13800000000",
    )


def education_column(*, required: bool = True) -> Column:
    """文化程度."""
    return Column(
        "education",
        "文化程度",
        ("学历", "文化水平"),
        required=required,
        clean=one_of(EDUCATION_NAMES, EDUCATION_CHOICES),
        choices=EDUCATION_CHOICES,
        example="高中",
    )


def employer_column(*, required: bool = False) -> Column:
    """工作单位."""
    return Column("employer", "工作单位", ("单位名称", "所在单位", "用人单位", "单位"), required=required)


def clean_phone(cell: object) -> str:
    """An eleven-digit mobile number, +86 and hyphens removed."""
    number = clean_digits(cell).replace("-", "").removeprefix("+86").removeprefix("0086")
    if len(number) != 11 or not number.isascii() or not number.isdigit() or not number.startswith("1"):
        raise CellProblem("手机号应为 1 开头的 11 位数字。", code="phone", advice="请填写本人手机号。")
    return number
