"""The number of the document and what it tells: check digit, dates, division, sex (facts 9)."""

import re

from certification.people import identity
from certification.people.checks.catalogue import Check, Judge, Scope, Topic
from certification.people.checks.running import Judging
from certification.people.checks.subject import Entry
from certification.people.models import DocumentType, Sex

IDENTITY_CARD = DocumentType.IDENTITY_CARD.value
# Usual forms of other documents; the permanent residence card has an old form and that of the identity number.
FORMS = {
    DocumentType.PASSPORT.value: re.compile(r"[A-Z0-9]{5,17}"),
    DocumentType.TRAVEL_PERMIT.value: re.compile(r"[HM]\d{8}(\d{2})?|\d{8}"),
    DocumentType.PERMANENT_RESIDENCE.value: re.compile(r"[A-Z]{3}\d{12}|9\d{16}[0-9X]"),
}


def _reading(code: str) -> Check:
    wording = identity.WORDINGS[code]
    return Check(code, Topic.NUMBER, Scope.READING, wording.says, wording.remedy, field="identity", holds=_number_holds)


def _number_holds(_judging: Judging, entry: Entry) -> str:
    return "校验位和出生日期相符" if entry.document_type == IDENTITY_CARD else "非居民身份证，不核校验位"


def _division(_judging: Judging) -> Judge:
    def judge(entry: Entry):
        return {"代码": entry.number[:6]} if entry.doubts else None

    return judge


def _sex(_judging: Judging) -> Judge:
    def judge(entry: Entry):
        return {} if entry.sex and entry.sex != entry.own_sex else None

    return judge


def _document(_judging: Judging) -> Judge:
    def judge(entry: Entry):
        if entry.document_type == IDENTITY_CARD:
            return None
        form = FORMS[entry.document_type]
        label = DocumentType(entry.document_type).label
        return None if form.fullmatch(entry.number) else {"证件类型": label}

    return judge


CHECKS = (
    *(_reading(code) for code in identity.WORDINGS),
    Check(
        "division",
        Topic.NUMBER,
        Scope.PERSON,
        identity.DIVISION.says,
        identity.DIVISION.remedy,
        _division,
        field="identity",
        holds=lambda _judging, entry: f"代码 {entry.number[:6]}" if entry.document_type == IDENTITY_CARD else "不适用",
    ),
    Check(
        "document_form",
        Topic.NUMBER,
        Scope.PERSON,
        "证件号码不像是{证件类型}的号码。",
        "请核对证件类型和号码；确与证件一致的，不影响报送。",
        _document,
        field="identity",
        holds=lambda _judging, entry: DocumentType(entry.document_type).label,
    ),
    Check(
        "sex",
        Topic.NUMBER,
        Scope.PERSON,
        "与身份证号码第 17 位不符。",
        "请核对性别和身份证号码。",
        _sex,
        field="sex",
        holds=lambda _judging, entry: Sex(entry.own_sex).label,
    ),
)
