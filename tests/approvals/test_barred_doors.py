"""A bar is found at every door that leads to an examination or a licence (rules 3.3): from the roster to the decision.

Each door is tried twice: without a bar it is not the bar that is named, with one it is, and nothing is let through.
The bar is written into the register itself, as one that was imposed while the case was on its way: what imposing takes
away at once is tested in ``test_bars``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from django.urls import reverse

from approvals.demonstration.people import unsaved
from approvals.licences import deciding, licensing
from approvals.models import Decision, LicenceApplicant, LicenceApplication, PreparedOpinion, Review
from approvals.reviews import preparing, recording, reviewing
from certification.people import bars
from certification.people.models import Person
from certification.refusals import Refusal
from exams.applications import applying
from exams.materials import hours
from exams.models import Candidate, ExamApplication
from exams.rooms import seating
from exams.sessions import assigning, holding
from exams.states import CandidateState
from tests.approvals.cases import EXAM, NOW, TODAY, make_group, make_session, take_exam
from tests.approvals.licensing_steps import DECIDED, RELEASED, reconciled
from tests.exams.conftest import TODAY as FILING
from tests.exams.conftest import Bench
from tests.factories import BUILT_AT, World
from tests.factories import at as moment
from tests.training.conftest import record
from tests.training.test_pages import sheet, upload
from training.models import Trainee
from training.rosters import submitting

pytestmark = pytest.mark.django_db
_plans = count(1)
BEFORE_EXAM = moment(date(2026, 10, 29))


@dataclass
class Case:
    """One try: ``bar(person)`` bars where the try is the one with a bar."""

    world: World
    client: object
    at: Callable
    barred: bool

    @property
    def bench(self) -> Bench:
        return Bench(self.world, _plans)

    def bar(self, person: Person, now=NOW) -> None:
        if self.barred:
            head = self.world.user("sheng-fuze")
            bars.impose(
                actor=head, now=now, person=person, ground="FRAUD", reason="伪造学历", evidence="核验函", months=36
            )

    def group(self, **more):
        group = make_group(self.world, **more)
        self.bar(group.applications[0].person)
        return group


def codes(results) -> set[str]:
    return {result.refusal.code for result in results if result.refusal}


def refused(act: Callable) -> set[str]:
    """The codes of what ``act`` was refused for."""
    try:
        act()
    except Refusal as refusal:
        return {refusal.code, *(problem.code for problem in getattr(refusal, "problems", ()))}
    return set()


# Rosters: by upload, by form, as a substitute.


def _newcomer(case: Case):
    """A class that waits for its roster, and somebody who is in the register."""
    bench = case.bench
    plan = bench.plan(size=2)
    (one,) = case.world.invented()
    person = unsaved(one, now=BUILT_AT)
    person.save()
    case.bar(person, moment(FILING))
    return plan, one


def _roster(case: Case):
    plan, one = _newcomer(case)
    filer = case.world.user("jigou")
    return refused(
        lambda: submitting.submit_roster(actor=filer, now=moment(FILING), plan_id=plan.pk, records=[record(3, one)])
    )


def _roster_file(case: Case):
    plan, one = _newcomer(case)
    case.at(moment(FILING))
    case.client.force_login(case.world.user("jigou"))
    page = case.client.get(upload(case.client, plan, sheet([one])).url).content.decode()
    assert case.client.post(reverse("training:roster", args=[plan.pk])).status_code == 405
    return {"barred"} if "该人员不予安排考试" in page else set()


def _form(case: Case):
    plan, one = _newcomer(case)
    filer = case.world.user("jigou")
    return refused(
        lambda: submitting.enter_trainee(actor=filer, now=moment(FILING), plan_id=plan.pk, record=record(1, one))
    )


def _substitute(case: Case):
    plan, one = _newcomer(case)
    leaver = Trainee.objects.filter(plan=plan).first()
    said = {"instead_of": leaver.pk, "reason": "调换", "record": record(1, one), "plan_id": plan.pk}
    return refused(lambda: submitting.enter_trainee(actor=case.world.user("jigou"), now=moment(FILING), **said))


# Applications: built, submitted with materials, answered, given a session.


def _build(case: Case):
    plan = case.bench.plan(size=1)
    case.bar(Trainee.objects.get(plan=plan).person, moment(FILING))
    done = applying.build_applications(actor=case.world.user("jigou"), now=moment(FILING), plan_id=plan.pk)
    assert ExamApplication.objects.filter(plan=plan).exists() != case.barred
    return codes(done)


def _submit(case: Case):
    bench = case.bench
    drafts = bench.drafts(bench.plan(size=1), bench.session())
    case.bar(drafts[0].person, moment(FILING))
    ids = [drafts[0].pk]
    return codes(applying.submit_applications(actor=case.world.user("jigou"), now=moment(FILING), application_ids=ids))


def _answer(case: Case):
    group = case.group()
    ExamApplication.objects.filter(pk__in=group.ids).update(state="RETURNED", returned_from="PRELIMINARY_REVIEW")
    filer = case.world.user("jigou")
    return refused(lambda: applying.answer_correction(actor=filer, now=NOW, application_id=group.ids[0]))


def _assign(case: Case):
    group = case.group(assigned=False, state="CLEARED")
    session = make_session(case.world, group.applications[0].job_type, case.world.bureau, exam_on=EXAM)
    officer = case.world.user("shi-kaowu")
    return codes(assigning.assign_to_session(actor=officer, now=NOW, application_ids=group.ids, session_id=session.pk))


def _confirm_hours(case: Case):
    group = case.group(kind="RENEWAL", state="CLEARED")
    return codes(hours.confirm_hours(actor=case.world.user("shi-kaowu"), now=NOW, application_ids=group.ids))


# Review: single and in bulk, prepared and handed over, both tiers, the province's record.


def _opinion(act, who: str, stage: str, **more):
    def enter(case: Case):
        group = case.group(**more)
        return codes(act(actor=case.world.user(who), now=NOW, application_ids=group.ids, stage=stage, outcome="PASS"))

    return enter


def _hand_over(case: Case):
    group = make_group(case.world)
    city = {"actor": case.world.user("shi-shenhe"), "now": NOW}
    preparing.prepare(**city, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    case.bar(group.applications[0].person)
    return codes(preparing.hand_over(**city).results)


def _post(who: str, stage: str, **more):
    def enter(case: Case):
        group = case.group(**more)
        case.at(NOW)
        case.client.force_login(case.world.user(who))
        url = reverse("approvals:case", args=[group.ids[0]])
        data = {"act": "review", "stage": stage, "outcome": "PASS"}
        page = case.client.post(url, data, follow=True).content.decode()
        return {"barred"} if "不能通过" in page else set()

    return enter


def _bulk(who: str, stage: str, **more):
    def enter(case: Case):
        group = case.group(**more)
        case.at(NOW)
        case.client.force_login(case.world.user(who))
        page = case.client.post(reverse("approvals:bulk"), {"stage": stage, "ids": group.ids}).content.decode()
        return {"barred"} if "不能通过" in page else set()

    return enter


def _record(case: Case):
    group = case.group(kind="RENEWAL", state="CLEARED")
    reviewer = case.world.user("sheng-shenhe")
    return codes(recording.record_provincial_review(actor=reviewer, now=NOW, application_ids=group.ids))


# The exam, and what follows it.


def _seat(case: Case):
    # Another day for the second try: a room is taken once.
    group = case.group(state="CLEARED", exam_on=date(2026, 11, 2 + case.barred))
    officer = case.world.user("shi-kaowu")
    for part in group.session.parts.all():
        rooms = case.world.site.rooms.filter(part=part.part).values_list("pk", flat=True)
        seating.use_rooms(actor=officer, now=NOW, session_id=group.session.pk, part=part.part, room_ids=rooms)
    done = seating.seat_candidates(actor=officer, now=NOW, session_id=group.session.pk)
    return {refusal.code for _row, refusal in done.unseated}


def _hold(case: Case):
    """Admitted, barred since, and still there on the day: does not sit."""
    group = make_group(case.world, 2, state="CLEARED")
    Candidate.objects.filter(session=group.session).update(state=CandidateState.ADMITTED)
    type(group.session).objects.filter(pk=group.session.pk).update(state="PLANNED")
    case.bar(group.applications[0].person, BEFORE_EXAM)
    holding.hold_session(actor=case.world.user("shi-kaowu"), now=moment(EXAM, 8), session_id=group.session.pk)
    states = dict(Candidate.objects.values_list("application", "state"))
    assert states[group.ids[1]] == CandidateState.ADMITTED
    return {"barred"} if states[group.ids[0]] == CandidateState.MOVED else set()


def _apply_for_licence(case: Case):
    group = case.group(state="CLEARED")
    take_exam(case.world, group)
    officer = case.world.user("shi-kaowu")
    return refused(lambda: licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk))


def _grant(case: Case):
    group = make_group(case.world, state="CLEARED")
    take_exam(case.world, group)
    reconciled(case.world, group)
    case.bar(group.applications[0].person, DECIDED)
    ids = list(LicenceApplicant.objects.filter(candidate__session=group.session).values_list("pk", flat=True))
    return codes(deciding.grant(actor=case.world.user("sheng-shenpi"), now=DECIDED, applicant_ids=ids))


CITY, PROVINCE = "shi-shenhe", "sheng-shenhe"
FINAL = {"state": "FINAL_REVIEW"}
RENEWAL = {"kind": "RENEWAL"}
DOORS = {
    "roster": _roster,
    "roster file": _roster_file,
    "roster form": _form,
    "substitution": _substitute,
    "application built": _build,
    "application submitted": _submit,
    "correction answered": _answer,
    "session assigned": _assign,
    "hours confirmed": _confirm_hours,
    "preliminary": _opinion(reviewing.review, CITY, "PRELIMINARY"),
    "preliminary prepared": _opinion(preparing.prepare, CITY, "PRELIMINARY"),
    "preliminary handed over": _hand_over,
    "preliminary page": _post(CITY, "PRELIMINARY"),
    "preliminary bulk": _bulk(CITY, "PRELIMINARY"),
    "city review": _opinion(reviewing.review, CITY, "CITY_REVIEW", **RENEWAL),
    "taken over": _opinion(reviewing.review, PROVINCE, "TAKEN_OVER", state="TAKEN_OVER"),
    "final": _opinion(reviewing.review, PROVINCE, "FINAL", **FINAL),
    "final page": _post(PROVINCE, "FINAL", **FINAL),
    "final bulk": _bulk(PROVINCE, "FINAL", **FINAL),
    "direct": _opinion(reviewing.review, PROVINCE, "DIRECT", job_type="0901"),
    "provincial record": _record,
    "seats": _seat,
    "exam day": _hold,
    "licence application": _apply_for_licence,
    "grant": _grant,
}
WRITTEN = (Review, PreparedOpinion, LicenceApplication, Decision)


@pytest.mark.parametrize("name", DOORS)
def test_the_bar_is_found_at_every_door(world, client, at, name):
    for barred in (False, True):
        found = DOORS[name](Case(world, client, at, barred))
        assert ("barred" in found) == barred, found


def test_what_is_refused_leaves_nothing_behind(world, client, at):
    for name in ("preliminary", "preliminary bulk", "final", "provincial record", "licence application"):
        DOORS[name](Case(world, client, at, True))
        assert not any(model.objects.exists() for model in WRITTEN), name


def test_a_score_of_somebody_barred_since_the_exam_is_a_fact_and_ends_at_the_licence(world):
    """Rule ``bar_decisions``: what has begun is left as it is; the result is kept, no licence comes of it."""
    group = make_group(world, state="CLEARED")
    take_exam(world, group)
    Case(world, None, None, True).bar(group.applications[0].person, moment(EXAM))
    assert Candidate.objects.get().results.count() == 2
    officer = world.user("shi-kaowu")
    assert refused(lambda: licensing.prepare(actor=officer, now=RELEASED, session_id=group.session.pk)) == {"barred"}


def test_one_day_of_the_bar_is_enough_and_the_day_after_is_free(world):
    group = make_group(world)
    person = group.applications[0].person
    Case(world, None, None, True).bar(person)
    (bar,) = bars.in_force([person.pk], TODAY).values()
    assert bars.kept_from_exam([person.pk], bar.barred_until) == {person.pk}
    assert bars.kept_from_exam([person.pk], bar.barred_until + date.resolution) == set()
    assert bars.kept_from_exam([person.pk], bar.barred_from) == set()
