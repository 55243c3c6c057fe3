"""Cells with the number of an identity document: the words for documents, and what a number must be to be one's own.

A number tells sex and birth date only where it is an identity number; otherwise the row has to say them.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from certification.people.identity import (
    IdentityNumber,
    InvalidIdentityNumber,
    check_identity_number,
    check_other_document,
    looks_like_identity_number,
)
from certification.people.models import DocumentType
from certification.spreadsheets.cleaning import CellProblem

# As people write them → what they are. A residence permit bears an identity number of its own.
DOCUMENT_NAMES: dict[str, str] = {
    **{str(label): value for value, label in DocumentType.choices},
    "身份证": DocumentType.IDENTITY_CARD.value,
    "居民身份证件": DocumentType.IDENTITY_CARD.value,
    "二代身份证": DocumentType.IDENTITY_CARD.value,
    "临时居民身份证": DocumentType.IDENTITY_CARD.value,
    "01": DocumentType.IDENTITY_CARD.value,
    "1": DocumentType.IDENTITY_CARD.value,
    "港澳台居民居住证": DocumentType.IDENTITY_CARD.value,
    "港澳居民居住证": DocumentType.IDENTITY_CARD.value,
    "台湾居民居住证": DocumentType.IDENTITY_CARD.value,
    "普通护照": DocumentType.PASSPORT.value,
    "外国护照": DocumentType.PASSPORT.value,
    "港澳居民来往内地通行证": DocumentType.TRAVEL_PERMIT.value,
    "台湾居民来往大陆通行证": DocumentType.TRAVEL_PERMIT.value,
    "外国人永久居留证": DocumentType.PERMANENT_RESIDENCE.value,
}
DOCUMENT_CHOICES = ("居民身份证", "港澳台居民居住证", *DocumentType.labels[1:])
_IDENTITY_CARD = DocumentType.IDENTITY_CARD.value


def identity_cleaner(today: date) -> Callable[[object], IdentityNumber]:
    """What reads a cell with an identity number; raises CellProblem."""

    def clean(cell: object) -> IdentityNumber:
        try:
            return check_identity_number(cell, today=today)
        except InvalidIdentityNumber as refusal:
            raise CellProblem(refusal.message, code=refusal.code, advice=refusal.advice) from refusal

    return clean


def document_cleaner(today: date) -> Callable[[object, Mapping[str, Any]], IdentityNumber]:
    """What reads a cell with the number of whichever document the rest of the row names; raises CellProblem."""
    of_card = identity_cleaner(today)

    def clean(cell: object, said: Mapping[str, Any]) -> IdentityNumber:
        document_type = said.get("document_type") or _IDENTITY_CARD
        if document_type == _IDENTITY_CARD:
            identity = _of_card(of_card, cell)
            return _agreeing(identity, said) if said.get("birth_date") else identity
        told = document_type == DocumentType.PERMANENT_RESIDENCE and looks_like_identity_number(cell)
        if not told:
            _require_said(said, DocumentType(document_type).label)
        try:
            identity = check_other_document(
                cell, document_type, sex=said.get("sex"), birth_date=said.get("birth_date"), today=today
            )
        except InvalidIdentityNumber as refusal:
            raise CellProblem(refusal.message, code=refusal.code, advice=refusal.advice) from refusal
        return _agreeing(identity, said)

    return clean


def _of_card(of_card, cell: object) -> IdentityNumber:
    """Who wrote the number of a passport and no type is told so, and does not look for a wrong digit."""
    try:
        return of_card(cell)
    except CellProblem as problem:
        if problem.code == "length" and isinstance(cell, str) and re.search("[A-Za-z]", cell.strip()[:-1]):
            problem.advice = "持护照等其他证件的，请填写证件类型、性别和出生日期。"
        raise


def _require_said(said: Mapping[str, Any], document: str) -> None:
    names = {"sex": "性别", "birth_date": "出生日期"}
    missing = [key for key in names if said.get(key) is None]
    if missing:
        words = "和".join(names[key] for key in missing)
        raise CellProblem(
            f"持{document}的，须填写{words}。",
            code="required",
            advice=f"请填写{words}。",
            field=missing[0],
            column=names[missing[0]],
        )


def _agreeing(identity: IdentityNumber, said: Mapping[str, Any]) -> IdentityNumber:
    birth_date = said.get("birth_date")
    if birth_date is not None and birth_date != identity.birth_date:
        raise CellProblem(
            "与证件号码中的出生日期不符。",
            code="birth_date_differs",
            advice="请核对出生日期和证件号码，或清空本列。",
            field="birth_date",
            column="出生日期",
        )
    return identity
