"""Every forbidden pair at every door of a case (rules 4.1–4.6): activity, page, bulk, direct POST, prepared opinions.

Whoever acted in one capacity is planted as such in the one registry that everybody asks; what each door then does in
the other capacity is refused by the name of the rule, and changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.urls import reverse

from approvals.assignments import assigning
from approvals.licences import deciding
from approvals.models import Assignment, Decision, LicenceApplicant, PreparedOpinion, Review, TakeOver
from approvals.reviews import preparing, recording, reviewing
from approvals.takeovers import taking_over
from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.refusals import SeparationBreach
from exams.models import ExamApplication
from tests.approvals.cases import EXAM, NOW, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, reconciled
from tests.factories import at

pytestmark = pytest.mark.django_db
LATE = at(date(2026, 10, 28))
REASON = "理由"


@dataclass(frozen=True)
class Door:
    """One way in: who uses it on which kind of case, what it does; answers with the text of the refusal."""

    name: str
    capacity: Capacity
    who: str
    kind: str
    enter: Callable
    now: object = NOW


def of_results(results) -> str:
    assert all(not result.ok for result in results)
    return " ".join(str(result.refusal) for result in results)


def _opinion(act, stage):
    def enter(user, group, client, now):
        return of_results(act(actor=user, now=now, application_ids=group.ids, stage=stage, outcome="PASS"))

    return enter


def _page(stage):
    def enter(user, group, client, now):
        url = reverse("approvals:case", args=[group.ids[0]])
        data = {"act": "review", "stage": stage, "outcome": "PASS"}
        return client.post(url, data).content.decode()

    return enter


def _bulk(stage):
    def enter(user, group, client, now):
        return client.post(reverse("approvals:bulk"), {"stage": stage, "ids": group.ids}).content.decode()

    return enter


def _record_page(outcome):
    def enter(user, group, client, now):
        url = reverse("approvals:case", args=[group.ids[0]])
        return client.post(url, {"act": "record", "outcome": outcome, "reason": REASON}).content.decode()

    return enter


def _record_bulk(user, group, client, now):
    return client.post(reverse("approvals:record"), {"ids": group.ids}).content.decode()


def _object(user, group, client, now):
    return of_results(recording.object_to(actor=user, now=now, application_ids=group.ids, reason=REASON))


def _record(user, group, client, now):
    return of_results(recording.record_provincial_review(actor=user, now=now, application_ids=group.ids))


def _take_over(user, group, client, now):
    return of_results(taking_over.take_over(actor=user, now=now, application_ids=group.ids, reason=REASON))


def _take_over_page(user, group, client, now):
    data = {"ids": group.ids, "confirmed": "1", "reason": REASON}
    return client.post(reverse("approvals:take_over"), data).content.decode()


def _assign(user, group, client, now):
    to = dict.fromkeys(group.ids, separation_free_reviewer(user))
    return of_results(assigning.assign(actor=user, now=now, to=to, reason=REASON))


def separation_free_reviewer(user) -> int:
    return type(user).objects.get(username="shi-shenhe").pk


def _grant(user, group, client, now):
    return of_results(deciding.grant(actor=user, now=now, applicant_ids=_applicants(group)))


def _grant_page(user, group, client, now):
    data = {"ids": _applicants(group), "confirmed": "1"}
    return client.post(reverse("approvals:grant"), data).content.decode()


def _refuse(user, group, client, now):
    said = {"facts": "事实", "basis": "依据", "reasons": REASON}
    with pytest.raises(SeparationBreach) as refused:
        deciding.refuse(actor=user, now=now, applicant_id=_applicants(group)[0], **said)
    return str(refused.value)


def _refuse_page(user, group, client, now):
    url = reverse("approvals:refuse", args=[_applicants(group)[0]])
    data = {"facts": "事实", "basis": "依据", "reasons": REASON, "confirmed": "1"}
    return client.post(url, data).content.decode()


def _applicants(group) -> list[int]:
    rows = LicenceApplicant.objects.filter(candidate__application__in=group.ids)
    return list(rows.order_by("pk").values_list("pk", flat=True))


FIRST, REVIEWS, DECIDES = Capacity.REVIEWS_FIRST, Capacity.REVIEWS, Capacity.DECIDES
DOORS = (
    Door("prepare", FIRST, "shi-shenhe", "waiting", _opinion(preparing.prepare, "PRELIMINARY")),
    Door("review", FIRST, "shi-shenhe", "waiting", _opinion(reviewing.review, "PRELIMINARY")),
    Door("page", FIRST, "shi-shenhe", "waiting", _page("PRELIMINARY")),
    Door("bulk", FIRST, "shi-shenhe", "waiting", _bulk("PRELIMINARY")),
    Door("prepare taken over", FIRST, "sheng-shenhe", "taken", _opinion(preparing.prepare, "TAKEN_OVER"), LATE),
    Door("review taken over", FIRST, "sheng-shenhe", "taken", _opinion(reviewing.review, "TAKEN_OVER"), LATE),
    Door("bulk taken over", FIRST, "sheng-shenhe", "taken", _bulk("TAKEN_OVER"), LATE),
    Door("prepare final", REVIEWS, "sheng-shenhe", "forwarded", _opinion(preparing.prepare, "FINAL")),
    Door("final", REVIEWS, "sheng-shenhe", "forwarded", _opinion(reviewing.review, "FINAL")),
    Door("final page", REVIEWS, "sheng-shenhe", "forwarded", _page("FINAL")),
    Door("final bulk", REVIEWS, "sheng-shenhe", "forwarded", _bulk("FINAL")),
    Door("direct", REVIEWS, "sheng-shenhe", "direct", _opinion(reviewing.review, "DIRECT")),
    Door("direct bulk", REVIEWS, "sheng-shenhe", "direct", _bulk("DIRECT")),
    Door("object", REVIEWS, "sheng-shenhe", "reported", _object),
    Door("object page", REVIEWS, "sheng-shenhe", "reported", _record_page("OBJECT")),
    Door("record", REVIEWS, "sheng-shenhe", "reported", _record),
    Door("record page", REVIEWS, "sheng-shenhe", "reported", _record_page("PASS")),
    Door("record bulk", REVIEWS, "sheng-shenhe", "reported", _record_bulk),
    Door("take over", Capacity.TAKES_OVER, "sheng-fuze", "waiting", _take_over, LATE),
    Door("take over page", Capacity.TAKES_OVER, "sheng-fuze", "waiting", _take_over_page, LATE),
    Door("assign", Capacity.ASSIGNS, "shi-fuze", "waiting", _assign),
    Door("grant", DECIDES, "sheng-shenpi", "reconciled", _grant, DECIDED),
    Door("grant page", DECIDES, "sheng-shenpi", "reconciled", _grant_page, DECIDED),
    Door("refuse", DECIDES, "sheng-shenpi", "reconciled", _refuse, DECIDED),
    Door("refuse page", DECIDES, "sheng-shenpi", "reconciled", _refuse_page, DECIDED),
)


def make(world, kind: str):
    if kind == "reconciled":
        group = make_group(world, state="CLEARED")
        take_exam(world, group)
        reconciled(world, group)
        return group
    if kind == "direct":
        return make_group(world, job_type="0901")
    if kind == "reported":
        return make_group(world, kind="RENEWAL", state="CLEARED", exam_on=EXAM)
    group = make_group(world)
    if kind == "forwarded":
        ExamApplication.objects.filter(pk__in=group.ids).update(state="FINAL_REVIEW")
    if kind == "taken":
        taking_over.take_over(actor=world.user("sheng-fuze"), now=LATE, application_ids=group.ids, reason=REASON)
    return group


def others_of(capacity: Capacity):
    """The capacities that exclude ``capacity``, with the rule that says so."""
    for pair in separation.PAIRS:
        if capacity in (pair.one, pair.other):
            yield (pair.other if capacity is pair.one else pair.one), pair.rule


def facts() -> tuple:
    return (
        list(ExamApplication.objects.order_by("pk").values_list("pk", "state")),
        *(model.objects.count() for model in (Review, PreparedOpinion, TakeOver, Assignment, Decision)),
    )


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_every_pair_is_refused_at_every_door_by_the_name_of_its_rule(world, client, at, monkeypatch, door):
    group = make(world, door.kind)
    at(door.now)
    before = facts()
    for other, rule in others_of(door.capacity):
        user = world.user(door.who)
        client.force_login(user)
        with monkeypatch.context() as planted:
            sources = dict(separation._sources)
            for model in (ExamApplication, LicenceApplicant):
                planted_source = _source_of(user.person_id)
                sources[model, other] = [*separation._sources[model, other], planted_source]
            planted.setattr(separation, "_sources", _Sources(sources))
            said = door.enter(user, group, client, door.now)
        assert f"规则 {rule}" in said, (other, said[-2000:])
        assert facts() == before, other


class _Sources(dict):
    def __missing__(self, key):
        return []


def _source_of(person_id: int):
    return lambda ids: {pk: {person_id} for pk in ids}


def test_a_prepared_opinion_does_not_take_effect_past_a_pair_that_arose_since(world, monkeypatch):
    group = make_group(world)
    user = world.user("shi-shenhe")
    preparing.prepare(actor=user, now=NOW, application_ids=group.ids, stage="PRELIMINARY", outcome="PASS")
    key = (ExamApplication, Capacity.CONFLICTED)
    sources = [*separation._sources[key], _source_of(user.person_id)]
    monkeypatch.setitem(separation._sources, key, sources)
    (result,) = preparing.hand_over(actor=user, now=NOW).results
    assert isinstance(result.refusal, SeparationBreach)
    assert not Review.objects.exists()


def test_every_capacity_that_decides_about_people_has_its_doors():
    """Whoever adds a capacity adds its doors here, or says where they are tried."""
    elsewhere = {
        Capacity.TRAINS: "tests/training",
        **dict.fromkeys(
            (
                *(Capacity.STAFFS, Capacity.ENTERS_RESULTS, Capacity.CHECKS_RESULTS, Capacity.NOTES),
                *(Capacity.PROPOSES_BAR, Capacity.IMPOSES_BAR, Capacity.EXTENDS, Capacity.INSPECTS),
                *(Capacity.ACCEPTS, Capacity.RECONCILES, Capacity.PROPOSES_EXTENSION),
                *(Capacity.CONFIRMS, Capacity.PROPOSES_ENDING, Capacity.DECIDES_ENDING),
            ),
            "test_separation_further_doors.py",
        ),
        Capacity.DRAFTS: "drafted where it is decided: the doors of DECIDES",
        Capacity.ADMITS: "tests/deadlines/test_admissions.py",
        Capacity.EXTENDS_VALIDITY: "test_extending.py",
        Capacity.ACTIVATES_RULES: "tests/rulebook/test_editions.py",
        **dict.fromkeys(
            (
                *(Capacity.INVESTIGATES_RECHECK, Capacity.ANSWERS_RECHECK, Capacity.PROPOSES_PENALTY),
                *(Capacity.DECIDES_PENALTY, Capacity.REVIEWS_PENALTY),
            ),
            "tests/exams/test_separation_signatures.py",
        ),
        **dict.fromkeys(
            (Capacity.ASKS_ADMISSION, Capacity.REPORTS_INCIDENT, Capacity.DRAFTS_RULES, Capacity.DECLARES_DELAY),
            "keeps from deciding, and is kept from nothing: asking, reporting, drafting and declaring are free",
        ),
        Capacity.IS_CANDIDATE: "a fact about a person, no act",
        Capacity.CONFLICTED: "a fact about a person, no act",
    }
    assert {door.capacity for door in DOORS} | set(elsewhere) == set(Capacity)


def test_who_drafts_is_asked_for_all_that_excludes_a_draft():
    """Drafting asks as deciding does: what excludes a draft excludes a decision, the answer to that draft aside."""
    excluded = {capacity: {other for other, _rule in others_of(capacity)} for capacity in (Capacity.DRAFTS, DECIDES)}
    assert excluded[Capacity.DRAFTS] - excluded[DECIDES] == {Capacity.CONFIRMS}
