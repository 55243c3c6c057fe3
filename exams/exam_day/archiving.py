"""The signed 考场记录 as a file that is kept (rules 10): made by a job once all have signed, and anew where a sign-in
was corrected since. What was made before stays beside it.

May run twice, at once, or be killed anywhere.
"""

import hashlib

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet

from certification.organisations.models import User
from certification.records.content import PDF
from certification.records.models import StoredFile
from certification.refusals import Refusal
from certification.workflow import activity, lock
from exams.day_states import RecordState
from exams.exam_day import records
from exams.models import ExamSession, RoomRecord


def archive_missing() -> dict[str, int]:
    """Keep the signed records that have no file yet. One that cannot be made does not keep the others waiting; the
    first such refusal is raised at the end."""
    kept = StoredFile.objects.filter(owner_type=ContentType.objects.get_for_model(RoomRecord), owner_id=OuterRef("pk"))
    return {"kept": _archive_all(_signed().exclude(Exists(kept)))}


def archive_of(session: ExamSession) -> int:
    """Keep the signed records of ``session`` as they stand now; returns how many files are new."""
    return _archive_all(_signed().filter(use__part__session=session))


@activity
def archive(*, actor, now, record_id: int) -> bool:
    """Keep one signed record, unless what was kept last says the same; says whether a file was made. Raises what
    ``render_pdf`` and ``StoredFile.store`` raise."""
    lock(RoomRecord.objects.filter(pk=record_id))
    record = _signed().select_related("use__room__site", "use__part__session__job_type").get(pk=record_id)
    content = records.document(record.use, record)
    last = StoredFile.objects.of(RoomRecord, [record.pk]).order_by("pk").last()
    if last and last.sha256 == hashlib.sha256(content).hexdigest():
        return False
    part = record.use.part
    name = f"考场记录 {part.session.number} {part.get_part_display()} {record.use.room.name}.pdf"
    StoredFile.store(content, name=name, media_type=PDF, owner=record, actor=actor, now=now)
    return True


def _signed() -> QuerySet[RoomRecord]:
    return RoomRecord.objects.filter(state=RecordState.SIGNED)


def _archive_all(rows: QuerySet[RoomRecord]) -> int:
    made, refusals = 0, []
    system = User.objects.system()
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            made += archive(actor=system, record_id=pk)
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return made
