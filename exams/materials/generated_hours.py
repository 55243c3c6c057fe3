"""学时证明 made by the system of attendance and online hours, taken as a material of the application."""

from collections.abc import Iterable

from certification.organisations import access
from certification.refusals import Refusal
from certification.workflow import Result, activity
from exams.materials.attaching import attach_material
from exams.models import ExamApplication, MaterialKind
from training.hours import proofs


@activity
def use_generated_proofs(*, actor, now, application_ids: Iterable[int]) -> list[Result]:
    """Make the proof of hours of each applicant and attach it; a result per application.

    Refusals per application: HoursMissing where the hours are not complete, and whatever keeps the paper from being
    attached now (WrongFile, WrongState, TooLate). Raises NotPermitted, DoesNotExist.
    """
    access.require(actor, "exams.application.file")
    rows = ExamApplication.objects.visible_to(actor).with_case().filter(pk__in=list(application_ids))
    applications = list(rows.order_by("pk"))
    if not applications:
        raise ExamApplication.DoesNotExist
    issued = proofs.issue_proofs(actor=actor, now=now, trainee_ids=[row.trainee_id for row in applications])
    by_trainee = {result.row.pk: result for result in issued}
    return [_attached(row, by_trainee[row.trainee_id], actor=actor, now=now) for row in applications]


def _attached(application: ExamApplication, issued: Result, *, actor, now) -> Result:
    result = Result(application, issued.refusal, application.state)
    if not result.ok:
        return result
    stored = issued.detail["proof"].file
    with stored.file.open("rb") as kept:
        content = kept.read()
    try:
        attach_material(
            actor=actor,
            now=now,
            application_id=application.pk,
            kind=MaterialKind.HOURS_PROOF,
            content=content,
            name=stored.name,
        )
    except Refusal as refusal:
        result.refusal = refusal
    return result
