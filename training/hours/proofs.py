"""学时证明: the proof of hours made of attendance and online hours, as a numbered PDF for each trainee.

What it states is kept with it, so that it can be printed again byte by byte. Nobody gets one whose hours are missing.
Rule values (training/rules.toml): ``training.hours_proof``.
"""

from collections.abc import Collection, Iterable

from simple_history.utils import bulk_create_with_history

from certification.documents.rendering import render_pdf
from certification.organisations import access
from certification.records import bulk
from certification.records.content import PDF
from certification.records.models import StoredFile
from certification.records.models.numbers import next_numbers
from certification.refusals import Refusal, WrongState
from certification.rulebook import lookup
from certification.workflow import Result, activity, lock, log
from training.cases import NotFound
from training.hours.hour_words import plain
from training.hours.reckoning import Hours, hours_of
from training.models import HoursProof, Trainee
from training.plans.plan_checks import AREA
from training.states import TraineeState

ISSUE = "training.issue_proofs"
SERIES, PREFIX = "hours_proof", "XS"
TEMPLATE = "training/documents/hours_proof.html"
STATED = ("required", "onsite", "practical", "online")


class HoursMissing(Refusal):
    """The trainee has not learnt all that is required."""

    code = "hours_missing"


@activity
def issue_proofs(*, actor, now, trainee_ids: Collection[int]) -> list[Result]:
    """Make a proof of hours for each trainee; a result per trainee, whose ``detail["proof"]`` is the proof.

    Whoever has one that states the same hours keeps it; where the hours were corrected a new one replaces it.
    Refusals per trainee: HoursMissing, WrongState (has left the class). Raises NotPermitted, NotFound.
    """
    access.require(actor, ISSUE)
    trainees = _locked(actor, trainee_ids)
    hours = hours_of([row.pk for row in trainees])
    current = {row.trainee_id: row for row in lock(HoursProof.objects.current().filter(trainee__in=trainees))}
    results = [Result(row, _in_the_way(row, hours[row.pk]), row.state) for row in trainees]
    held = {pk: proof for pk, proof in current.items() if _states(proof, hours[pk])}
    due = [result.row for result in results if result.ok and result.row.pk not in held]
    _replace([current[row.pk] for row in due if row.pk in current], actor=actor, now=now)
    made = _make(due, hours, actor=actor, now=now)
    for result in results:
        if result.ok:
            result.detail["proof"] = made.get(result.row.pk) or held[result.row.pk]
    log(due, "issue_proof", actor=actor, now=now)
    return results


def current_proofs(trainee_ids: Collection[int]) -> dict[int, HoursProof]:
    """The proof of each trainee that stands: trainee id → proof, whose hours may have changed since."""
    rows = HoursProof.objects.current().filter(trainee__in=trainee_ids).select_related("file")
    return {row.trainee_id: row for row in rows}


def together(proofs: Iterable[HoursProof]) -> bytes:
    """Several proofs in one PDF, a page for each, in the order given."""
    return render_pdf(TEMPLATE, {"proofs": list(proofs), "standard": _standard(proofs), "title": "培训学时证明"})


def printable():
    """Current proofs with all that a page of theirs shows."""
    return HoursProof.objects.current().select_related(
        "trainee__person",
        "trainee__plan__institution",
        "trainee__plan__job_type__group",
        "trainee__plan__variant",
        "trainee__plan__rule_edition",
    )


def _locked(actor, trainee_ids: Collection[int]) -> list[Trainee]:
    rows = Trainee.objects.visible_to(actor).filter(pk__in=list(trainee_ids))
    trainees = lock(rows.select_related("person", "plan__institution"))
    if not trainees:
        raise NotFound("没有找到该学员。")
    for institution_id in {row.plan.institution_id for row in trainees}:
        access.require_own(actor, institution_id)
    return trainees


def _in_the_way(trainee: Trainee, hours: Hours) -> Refusal | None:
    if trainee.state != TraineeState.ENROLLED:
        return WrongState(f"{trainee}已退班，不开具学时证明。")
    if not hours.complete:
        return HoursMissing(
            f"{trainee}{hours.says}，不能开具学时证明（应修 {plain(hours.required)}，实修 {plain(hours.total)}）。",
            clause="方案四（一）",
            advice="请补登签到或导入线上学时；确未修满的，应补课。",
        )
    return None


def _states(proof: HoursProof, hours: Hours) -> bool:
    return all(getattr(proof, name) == getattr(hours, name) for name in STATED)


def _replace(proofs: list[HoursProof], *, actor, now) -> None:
    for proof in proofs:
        proof.replaced_at = now
    if proofs:
        bulk.change(proofs, ["replaced_at"], actor=actor, at=now)


def _make(trainees: list[Trainee], hours: dict[int, Hours], *, actor, now) -> dict[int, HoursProof]:
    numbers = next_numbers(SERIES, now.year, len(trainees)) if trainees else ()
    rows = [
        HoursProof(
            trainee=trainee,
            number=f"{PREFIX}-{now.year}-{number:05d}",
            issued_by=actor,
            issued_at=now,
            **{name: getattr(hours[trainee.pk], name) for name in STATED},
        )
        for trainee, number in zip(trainees, numbers, strict=True)
    ]
    if not rows:
        return {}
    made = bulk_create_with_history(rows, HoursProof, default_user=actor, default_date=now)
    for proof in printable().filter(pk__in=[row.pk for row in made]).order_by("pk"):
        _store(proof, actor=actor, now=now)
    return current_proofs([row.pk for row in trainees])


def _store(proof: HoursProof, *, actor, now) -> None:
    name = f"学时证明-{proof.trainee.person.name}-{proof.number}.pdf"
    proof.file = StoredFile.store(together([proof]), name=name, media_type=PDF, owner=proof, actor=actor, now=now)
    proof._history_date = now
    proof.save(update_fields=["file"])


def _standard(proofs: Iterable[HoursProof]) -> str:
    first = next(iter(proofs))
    return lookup.values(AREA, "hours_proof", first.trainee.plan.rule_edition)["standard"]
