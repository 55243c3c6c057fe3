"""Correction notices in tests: items as they are typed, and every item of a notice answered."""

from approvals.corrections import answering
from approvals.corrections.answering import Given
from approvals.models import CorrectionNotice

PHOTO = {"material": "PHOTO", "text": "照片不清晰"}
SAYS = Given("STATEMENT", "已更正。")


def asks(text: str, **fields) -> list[dict]:
    """One item about nothing in particular, or about what ``fields`` name."""
    return [{"text": text, **fields}]


def answer_items(actor, subject, now, given: Given = SAYS) -> CorrectionNotice:
    """Say the same to every item of the open notice of an application or an applicant."""
    notice = subject.notices.get(state="OPEN")
    answers = {item.pk: given for item in notice.items.all()}
    assert answering.save(actor=actor, now=now, notice_id=notice.pk, given=answers) == {}
    return notice
