"""代办: a period and a scope, ends by itself, does not chain; what excludes either of two excludes the act (4.5)."""

from datetime import date, timedelta

import pytest

from certification.organisations import access, acting, separation
from certification.organisations.models import ActingFor, Organisation, User
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, SeparationBreach, WrongState
from certification.workflow import log

from .conftest import NOW

DAY = NOW.date()
UNTIL = DAY + timedelta(days=5)


@pytest.fixture
def office(account):
    """A city's head and three colleagues; the second may review too."""
    return {
        "head": account("north", Role.CITY_HEAD),
        "absent": account("north", Role.CITY_REVIEWER),
        "deputy": account("north", Role.CITY_SUPERVISOR),
        "third": account("north", Role.CITY_RESULTS_CLERK),
    }


@pytest.fixture
def appoint(office):
    def appoint(**changes):
        terms = {
            "actor": office["head"],
            "now": NOW,
            "absent_id": office["absent"].pk,
            "deputy_id": office["deputy"].pk,
            "roles": [Role.CITY_REVIEWER],
            "valid_from": DAY,
            "valid_until": UNTIL,
            "reason": "年休假",
        }
        return acting.appoint(**terms | changes)

    return appoint


def acting_as_deputy(office, day: date) -> User | None:
    deputy = User.objects.get(pk=office["deputy"].pk)
    return deputy if acting.act_for(deputy, office["absent"].pk, day) else None


def test_the_deputy_acts_in_the_roles_handed_over_and_no_other(office, appoint):
    appoint()
    deputy = acting_as_deputy(office, DAY)
    assert deputy.roles_on(DAY) == {Role.CITY_REVIEWER}
    own = User.objects.get(pk=deputy.pk)
    assert own.roles_on(DAY) == {Role.CITY_SUPERVISOR}, "without acting everything is as before"


@pytest.mark.parametrize(
    ("day", "holds"),
    [(DAY - timedelta(days=1), False), (DAY, True), (UNTIL, True), (UNTIL + timedelta(days=1), False)],
    ids=["the day before", "first day", "last day", "the day after"],
)
def test_it_begins_and_ends_by_itself(office, appoint, day, holds):
    appoint()
    assert (acting_as_deputy(office, day) is not None) == holds


def test_what_the_absent_person_loses_the_deputy_loses(office, appoint):
    appoint()
    office["absent"].role_assignments.update(valid_until=DAY)
    assert acting_as_deputy(office, DAY + timedelta(days=1)) is None


def test_it_does_not_chain(office, appoint):
    appoint()
    with pytest.raises(Incomplete, match="没有"):
        appoint(absent_id=office["deputy"].pk, deputy_id=office["third"].pk)
    head = office["head"]
    appoint(absent_id=head.pk, roles=[Role.CITY_HEAD])
    deputy = User.objects.get(pk=office["deputy"].pk)
    assert acting.act_for(deputy, head.pk, DAY)
    with pytest.raises(NotPermitted, match="代办期间"):
        appoint(actor=deputy, deputy_id=office["third"].pk)


def test_the_absent_person_or_the_head_ends_it_early_and_twice_is_once(office, appoint):
    (row,) = appoint()
    with pytest.raises(NotPermitted):
        acting.end(actor=office["third"], now=NOW, acting_id=row.pk)
    acting.end(actor=office["absent"], now=NOW, acting_id=row.pk)
    acting.end(actor=office["head"], now=NOW + timedelta(hours=1), acting_id=row.pk)
    row.refresh_from_db()
    assert (row.ended_by, row.ended_at) == (office["absent"], NOW)
    assert acting_as_deputy(office, DAY) is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"roles": []}, "角色"),
        ({"roles": [Role.CITY_EXAM_OFFICER]}, "没有"),
        ({"valid_until": DAY - timedelta(days=1)}, "早于"),
        ({"valid_from": DAY - timedelta(days=9), "valid_until": DAY - timedelta(days=1)}, "已过"),
        ({"reason": "  "}, "事由"),
    ],
)
def test_what_does_not_make_sense_is_refused_by_name(appoint, changes, text):
    with pytest.raises(Incomplete, match=text):
        appoint(**changes)
    assert not ActingFor.objects.exists()


def test_only_within_the_own_organisation_and_by_its_head(office, appoint, account):
    with pytest.raises(NotPermitted):
        appoint(deputy_id=account("south", Role.CITY_REVIEWER).pk)
    with pytest.raises(NotPermitted):
        appoint(actor=account("south", Role.CITY_HEAD))
    with pytest.raises(NotPermitted):
        appoint(actor=office["third"])
    with pytest.raises(Incomplete, match="本人"):
        appoint(deputy_id=office["absent"].pk)


def test_duties_of_an_exam_day_are_not_handed_over(account, appoint):
    invigilator = account("north", Role.INVIGILATOR)
    with pytest.raises(Incomplete, match="场次"):
        appoint(absent_id=invigilator.pk, roles=[Role.INVIGILATOR])


def test_a_person_of_an_institution_acts_for_no_reviewer(office, appoint, account):
    account("school", Role.INSTITUTION_FILER, who=office["deputy"].person)
    with pytest.raises(SeparationBreach):
        appoint()


def test_the_same_for_an_overlapping_period_is_refused(appoint):
    appoint()
    with pytest.raises(WrongState):
        appoint(valid_from=UNTIL, valid_until=UNTIL + timedelta(days=3))
    appoint(valid_from=UNTIL + timedelta(days=1), valid_until=UNTIL + timedelta(days=3))


@pytest.mark.django_db(transaction=True)
def test_two_heads_at_once_appoint_once(office, appoint, at_once):
    results = at_once(appoint, appoint)
    assert sorted(isinstance(one, WrongState) for one in results) == [False, True]
    assert ActingFor.objects.count() == 1


@pytest.mark.parametrize("whose", ["absent", "deputy"])
def test_what_excludes_either_excludes_the_act(office, appoint, organisations, monkeypatch, whose):
    monkeypatch.setattr(separation, "_sources", separation.defaultdict(list))
    appoint()
    reviewed = office[whose].person_id
    separation.register_source(Organisation, Capacity.STAFFS, lambda ids: {pk: {reviewed} for pk in ids})
    deputy = acting_as_deputy(office, DAY)
    with pytest.raises(SeparationBreach, match="代办" if whose == "absent" else "您已") as refusal:
        separation.require(deputy, Capacity.REVIEWS_FIRST, organisations["school"])
    assert "4.2" in refusal.value.clause


def test_the_log_says_b_for_a(office, appoint, organisations):
    appoint()
    deputy = acting_as_deputy(office, DAY)
    log([organisations["school"]], "step", actor=deputy, now=NOW)
    line = TransitionLog.objects.about(organisations["school"]).get()
    assert (line.actor, line.on_behalf_of) == (office["deputy"], office["absent"])


def test_notices_for_the_role_reach_the_deputy_too(office, appoint, organisations):
    appoint()
    assert set(access.users_with(Role.CITY_REVIEWER, organisations["north"], DAY)) == {
        office["absent"],
        office["deputy"],
    }
    after = UNTIL + timedelta(days=1)
    assert access.users_with(Role.CITY_REVIEWER, organisations["north"], after) == [office["absent"]]
