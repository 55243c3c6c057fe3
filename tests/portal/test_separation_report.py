"""The daily scan: finds what slipped past, tells the head and the auditors once, never twice."""

from datetime import date, timedelta

import pytest

from certification import clock
from certification.jobs.models import JobRun, Outcome
from certification.notices.models import Notice
from certification.organisations import separation
from certification.organisations.models import Organisation, RoleAssignment
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.portal import separation_report, tasks
from certification.portal.separation_report import reported, scan

pytestmark = pytest.mark.django_db
TOLD = {"sheng-fuze", "shenji"}


@pytest.fixture
def acts(world, monkeypatch):
    """Says who acted as what on the institution, the only kind of case for the time of a test."""
    monkeypatch.setattr(separation, "_sources", separation.defaultdict(list))

    def act(username: str, *capacities: Capacity) -> None:
        person_id = world.user(username).person_id
        for capacity in capacities:
            separation.register_source(
                Organisation,
                capacity,
                lambda ids: {pk: {person_id} for pk in ids if pk == world.institution.pk},
            )

    return act


def give_past_the_check(user, role: Role) -> None:
    RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)


def told() -> list[str]:
    notices = Notice.objects.filter(title__startswith="分离检查").order_by("recipient__username")
    return list(notices.values_list("recipient__username", flat=True))


def test_an_orderly_province_has_nothing_to_tell(world):
    assert scan(clock.now()) == {"new": 0, "found": 0}
    assert told() == []


def test_who_acted_in_two_capacities_is_told_once(acts, world):
    acts("sheng-shenhe", Capacity.REVIEWS, Capacity.DECIDES)
    acts("shi-shenhe", Capacity.REVIEWS_FIRST)
    assert scan(clock.now()) == {"new": 1, "found": 1}
    assert set(told()) == TOLD
    notice = Notice.objects.filter(title__startswith="分离检查").first()
    assert world.user("sheng-shenhe").person.name in notice.body
    assert "4.3" in notice.body
    assert scan(clock.now() + timedelta(days=1)) == {"new": 0, "found": 1}
    assert len(told()) == len(TOLD)
    acts("shi-shenhe", Capacity.STAFFS)
    assert scan(clock.now()) == {"new": 1, "found": 2}
    assert len(told()) == 2 * len(TOLD)


def test_roles_that_exclude_each_other_are_found_through_two_accounts(world):
    filer = world.user("jigou")
    give_past_the_check(filer, Role.CITY_REVIEWER)
    assert scan(clock.now())["new"] == 1
    line = reported().get()
    assert line.subject == filer.person
    assert "培训" in line.reason


@pytest.mark.django_db(transaction=True)
def test_two_scans_at_once_tell_once(world, at_once):
    give_past_the_check(world.user("jigou"), Role.CITY_REVIEWER)
    results = at_once(*[lambda: scan(clock.now())] * 3)
    assert sorted(result["new"] for result in results) == [0, 0, 1]
    assert set(told()) == TOLD
    assert len(told()) == len(TOLD)


def test_the_queries_do_not_grow_with_the_cases(acts, world, django_assert_max_num_queries):
    acts("sheng-shenhe", Capacity.REVIEWS, Capacity.DECIDES)
    with django_assert_max_num_queries(4):
        list(separation_report.separation_scan.breaches(clock.today()))
    Organisation.objects.bulk_create(
        Organisation(
            kind="TRAINING_INSTITUTION", name=f"校{n}", short_name=f"校{n}", territory=world.institution.territory
        )
        for n in range(200)
    )
    with django_assert_max_num_queries(4):
        list(separation_report.separation_scan.breaches(clock.today()))


def test_the_job_and_its_page(client_of, world):
    give_past_the_check(world.user("jigou"), Role.CITY_REVIEWER)
    assert "还没有检查过" in client_of("shenji").get("/separation/").content.decode()
    tasks.scan_separation()
    assert JobRun.objects.get().outcome == Outcome.DONE
    page = client_of("shenji").get("/separation/").content.decode()
    assert world.user("jigou").person.name in page
    assert client_of("guanli").get("/separation/").status_code == 403
