"""变更证件: the identity document of somebody in the register became another one (a new number, a residence permit
instead of a passport). The provincial acceptance clerk, who keeps the register, has seen both and keeps the proof.

Tickets, lists and letters that were made before keep the number that they had; what is made from now on bears the new
one, and the valid certificates do.
"""

from collections.abc import Sequence

from approvals.models import DocumentChange
from approvals.persons.persons import SETTLE, persons_visible_to
from certification import clock
from certification.organisations import access
from certification.people import documents
from certification.people.identity import (
    IdentityNumber,
    InvalidIdentityNumber,
    check_identity_number,
    check_other_document,
)
from certification.people.models import DocumentType, Person
from certification.records import evidence
from certification.records.evidence import Upload
from certification.refusals import Incomplete, NotPermitted, Problem
from certification.workflow import activity

CLAUSE = "总局令第30号第二十条"


@activity
def change_document(
    *,
    actor,
    now,
    person_id: int,
    document_type: str,
    document_number: str,
    reason: str,
    files: Sequence[Upload] = (),
) -> DocumentChange:
    """Enter the new document with the papers that show it.

    Raises NotPermitted (also for one's own), Person.DoesNotExist, Incomplete with every problem: no reason, no paper,
    a number that is wrong, another person's, or of another birth date or sex.
    """
    access.require(actor, SETTLE)
    person = persons_visible_to(actor).get(pk=person_id)
    if person.pk in actor.persons:
        raise NotPermitted("不能变更本人的证件。", clause="规则 4.4", advice="请由其他受理员办理。")
    problems = [] if files else [Problem("请上传所核对的证件或者证明。", code="required", field="files")]
    types = evidence.media_types(files, "files", evidence.PAPERS, problems)
    identity = _identity(person, document_type, document_number, clock.day_of(now), problems)
    if problems:
        raise Incomplete(problems, clause=CLAUSE)
    former = documents.change_document(person=person, identity=identity, reason=reason, actor=actor, now=now)
    row = DocumentChange(
        person=person,
        before=f"{former}",
        after=f"{former.person.get_document_type_display()} {former.person.masked_number}",
        reason=reason.strip()[:200],
        changed_by=actor,
        changed_on_behalf_of=actor.acting_for,
        changed_at=now,
    )
    row._history_user, row._history_date = actor, now
    row.save(force_insert=True)
    evidence.keep(files, types, "证件变更证明", row, actor=actor, now=now)
    return row


def _identity(person: Person, document_type: str, number: str, today, problems: list[Problem]) -> IdentityNumber | None:
    """The number as it was read; what is wrong with it is added to ``problems``."""
    try:
        if document_type == DocumentType.IDENTITY_CARD:
            return check_identity_number(number, today=today)
        return check_other_document(number, document_type, sex=person.sex, birth_date=person.birth_date, today=today)
    except InvalidIdentityNumber as refusal:
        problems.append(Problem(refusal.message, code=refusal.code, field="document_number", advice=refusal.advice))
        return None
