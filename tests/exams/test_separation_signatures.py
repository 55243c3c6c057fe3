"""Re-checks of scores and incidents: every pair at every door by the name of its rule, and one person who signed twice
found by the daily scan, whether they acted for themselves, for somebody, or were acted for (rules 4.3, 4.5, 4a).

As in ``tests/approvals/test_separation_doors``: who acted in another capacity is planted where everybody asks.
"""

from dataclasses import dataclass

import pytest
from django.urls import reverse

from certification import clock
from certification.organisations import separation, separation_scan
from certification.organisations.models import User
from certification.organisations.separation import Capacity
from certification.refusals import SeparationBreach
from exams.incidents import deciding
from exams.models import Candidate, Incident, Result, ScoreRecheck
from tests.approvals.test_separation_doors import _source_of, _Sources, others_of
from tests.exams.test_incidents import EVENING, NOON, decide, held, proposed, report  # noqa: F401
from tests.exams.test_rechecks import ask, find, released, score  # noqa: F401

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Door:
    """Who, in which capacity, posts what to which address of a case made by ``kind``."""

    name: str
    capacity: Capacity
    who: str
    kind: str
    url: str
    data: dict


FINDS, ANSWERS = Capacity.INVESTIGATES_RECHECK, Capacity.ANSWERS_RECHECK
PROPOSES, DECIDES, REVIEWS = Capacity.PROPOSES_PENALTY, Capacity.DECIDES_PENALTY, Capacity.REVIEWS_PENALTY
PROPOSAL = {"effect": "VOID_PART", "proposal": "成绩无效"}
DOORS = (
    Door("find", FINDS, "shi-luru", "asked", "recheck_find", {"finding": "调阅评分表，无误。"}),
    Door("decline", ANSWERS, "shi-fuhe", "asked", "recheck_decline", {"reason": "理由"}),
    Door("answer", ANSWERS, "shi-fuhe", "found", "recheck_answer", {"text": "维持。"}),
    Door("send back", ANSWERS, "shi-fuhe", "found", "recheck_send_back", {"reason": "理由"}),
    Door("propose", PROPOSES, "shi-kaowu", "heard", "incident_propose", PROPOSAL),
    *(
        Door(outcome, DECIDES, "shi-fuze", "proposed", "incident_decide", {"outcome": outcome, "decision": "同意"})
        for outcome in ("decide", "dismiss", "send_back")
    ),
    *(
        Door(outcome, REVIEWS, "sheng-fuze", "reviewing", "incident_review", {"outcome": outcome, "decision": "理由"})
        for outcome in ("uphold", "revoke")
    ),
)
OF_SCORES = ("asked", "found")


@pytest.fixture
def make(request, bench, at):
    """A case of a kind; only what it needs is made."""

    def make(kind: str):
        if kind in OF_SCORES:
            session = request.getfixturevalue("released")
            asked = ask(bench, score(bench.candidates(session)[1]))
            return find(bench, asked) if kind == "found" else asked
        session = request.getfixturevalue("held")
        at(EVENING)
        if kind == "heard":
            return report(bench, session, statement="承认携带手机。")
        incident = proposed(bench, session)
        if kind == "reviewing":
            decide(bench, incident)
            deciding.ask_review(actor=bench.officer(), now=EVENING, incident_id=incident.pk, request="不服")
        return incident

    return make


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_every_pair_is_refused_by_the_name_of_its_rule(bench, client, make, monkeypatch, door):
    case, user = make(door.kind), bench.user(door.who)
    client.force_login(user)
    before = type(case).objects.get(pk=case.pk).state
    for other, rule in others_of(door.capacity):
        with monkeypatch.context() as planted:
            sources = dict(separation._sources)
            for model in (Candidate, Incident, ScoreRecheck):
                sources[model, other] = [*separation._sources[model, other], _source_of(user.person_id)]
            planted.setattr(separation, "_sources", _Sources(sources))
            said = client.post(reverse(f"exams:{door.url}", args=[case.pk]), door.data).content.decode()
        assert f"规则 {rule}" in said, (other, said[-3000:])
        assert type(case).objects.get(pk=case.pk).state == before, other


def found_on(case) -> set[tuple[int, str]]:
    rows = separation_scan.breaches(clock.today())
    return {(row.person_id, row.rule.split()[0]) for row in rows if (row.model, row.case_id) == (type(case), case.pk)}


TWICE = (
    ("found", "found", "answered", ANSWERS, "4.3"),
    ("proposed", "proposed", "decided", DECIDES, "4a"),
    ("proposed", "reported", "decided", DECIDES, "4.3"),
    ("reviewing", "decided", "reviewed", REVIEWS, "4.3"),
    ("reviewing", "proposed", "reviewed", REVIEWS, "4a"),
)


@pytest.mark.parametrize("way", ["through another account", "acting for", "acted for"])
@pytest.mark.parametrize(("kind", "first", "second", "capacity", "rule"), TWICE)
def test_one_person_who_signed_twice_is_refused_and_found(bench, make, kind, first, second, capacity, rule, way):
    case = make(kind)
    assert found_on(case) == set()
    who, another, third = bench.user("sheng-shenpi2"), bench.user("sheng-fuze"), bench.user("sheng-shenhe2")
    account = User.objects.create(username="zwei", organisation=who.organisation, person=who.person)
    one, two = {
        "through another account": ((who, None), (account, None)),
        "acting for": ((who, None), (another, account)),
        "acted for": ((third, who), (account, None)),
    }[way]

    def sign(act, by, absent):
        type(case).objects.filter(pk=case.pk).update(**{f"{act}_by": by, f"{act}_on_behalf_of": absent})

    sign(first, *one)
    actor, actor.acting_for = two[0], two[1]
    with pytest.raises(SeparationBreach, match="不得再从事") as refused:
        separation.require(actor, capacity, case)
    assert refused.value.clause.startswith(f"规则 {rule}")
    assert found_on(case) == set()
    sign(second, *two)
    assert found_on(case) == {(who.person_id, rule)}


def test_for_whom_scores_were_entered_does_not_check_them_and_is_found(bench, released):  # noqa: F811
    candidate = bench.candidates(released)[1]
    clerk = bench.user("sheng-shenpi2")
    Result.objects.filter(candidate=candidate).update(entered_on_behalf_of=clerk)
    with pytest.raises(SeparationBreach, match="4.3"):
        separation.require(clerk, Capacity.CHECKS_RESULTS, candidate)
    asked = ask(bench, score(candidate))
    with pytest.raises(SeparationBreach, match="4.3"):
        separation.require(clerk, ANSWERS, asked)
    Result.objects.filter(candidate=candidate).update(checked_on_behalf_of=clerk)
    assert found_on(candidate) == {(clerk.person_id, "4.3")}
