"""学时证明 made by the system of attendance and online hours, taken as a material of the application. Those of a large
class are made by an errand, a few people to a transaction."""

from collections.abc import Iterable

from certification.jobs import errands
from certification.jobs.models import Errand
from certification.organisations import access
from certification.refusals import Refusal, WrongState
from certification.workflow import Result, activity
from exams.materials.attaching import attach_material
from exams.models import ExamApplication, MaterialKind
from training.hours import proofs
from training.models import TrainingPlan

KIND = "exams.generated_hours"
# So many are made while who asks waits.
AT_ONCE = 5


@activity
def ask(*, actor, now, plan: TrainingPlan, application_ids: Iterable[int]) -> Errand:
    """Have ``use_generated_proofs`` done for so many of a class that nobody should wait for it. Raises WrongState while
    what the actor asked for before is not done: it may be about others."""
    access.require(actor, "exams.application.file")
    last = last_for(actor, plan)
    if last is not None and last.at_work:
        raise WrongState("正在生成本班的学时证明。", advice="请等办结后再为其他人员生成。")
    return errands.ask(KIND, plan, actor=actor, now=now, key=errands.key_of(actor), applications=list(application_ids))


def last_for(user, plan: TrainingPlan) -> Errand | None:
    """What ``user`` asked for last in the class."""
    return errands.last_about(KIND, plan, errands.key_of(user))


def make(errand: Errand, progress) -> dict:
    """The errand, as of the moment at which it was asked for. Begun anew it makes no second proof of the same hours and
    attaches no paper twice."""
    ids = errand.given["applications"]
    attached, refused = 0, []
    for done in range(0, len(ids), AT_ONCE):
        progress("制作并附上学时证明", done, len(ids))
        piece = ids[done : done + AT_ONCE]
        results = use_generated_proofs(actor=errand.actor, now=errand.asked_at, application_ids=piece)
        attached += sum(result.ok for result in results)
        refused += [str(result.refusal) for result in results if not result.ok]
    return {"attached": attached, "refused": refused}


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
