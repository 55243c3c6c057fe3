"""What must hold of the demonstration as it was built: complete, consistent, alive."""

from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import F
from stdnum.cn import uscc

from approvals.demonstration import building
from approvals.demonstration.accounts import LISTED
from approvals.models import BarCase, EndingCase, LicenceApplicant, ServiceEvent
from certification import clock
from certification.clock import SHANGHAI
from certification.deadlines.models import Deadline
from certification.notices.models import Notice
from certification.organisations.models import Organisation, OrganisationKind, RoleAssignment, User
from certification.organisations.roles import Role
from certification.people.certificates import EXTENSION
from certification.people.checks.numbers import FORMS
from certification.people.identity import check_identity_number
from certification.people.models import Certificate, DeclaredFact, DocumentType, Person
from certification.portal import todo
from certification.records.models import TransitionLog
from certification.workflow import MACHINES
from exams.models import ApplicationBatch, Candidate, ExamApplication, ExamSession
from exams.states import EXAMINED, CandidateState
from training.models import Trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]

REVIEWED_DIRECTLY = {"DRAFT", "DIRECT_REVIEW", "RETURNED", "CLEARED", "REFUSED"}
# By category and kind: where applications of that route stand (rules 3.1).
ROUTES = {
    ("ONE", "INITIAL"): REVIEWED_DIRECTLY,
    ("ONE", "PERIODIC_REVIEW"): REVIEWED_DIRECTLY,
    ("ONE", "RENEWAL"): REVIEWED_DIRECTLY,
    ("TWO", "INITIAL"): {"DRAFT", "PRELIMINARY_REVIEW", "FINAL_REVIEW", "RETURNED", "CLEARED", "REFUSED", "WITHDRAWN"},
    ("TWO", "PERIODIC_REVIEW"): {"DRAFT", "CITY_REVIEW", "RETURNED", "CLEARED"},
    ("TWO", "RENEWAL"): {"DRAFT", "CITY_REVIEW", "RETURNED", "CLEARED"},
}


@pytest.mark.parametrize("label", MACHINES)
def test_every_state_of_every_machine_is_there(label):
    machine = MACHINES[label]
    held = set(apps.get_model(label)._base_manager.values_list("state", flat=True).distinct().order_by())
    assert set(machine.states.values) == held


@pytest.mark.parametrize("route", ROUTES)
def test_every_state_of_every_route_is_there(route):
    category, kind = route
    rows = ExamApplication.objects.filter(category=category, kind=kind)
    assert ROUTES[route] - set(rows.values_list("state", flat=True)) == set()


@pytest.mark.parametrize("label", MACHINES)
def test_every_step_begins_where_the_last_one_ended(label):
    """The log of each case is one chain that ends in its state, so that no tier loses anybody."""
    model = apps.get_model(label)
    states = dict(model._base_manager.values_list("pk", "state"))
    lines = TransitionLog.objects.filter(subject_type=ContentType.objects.get_for_model(model)).order_by("at", "pk")
    reached: dict[int, str] = {}
    broken = []
    for line in lines:
        if not line.from_state and not line.to_state:
            continue  # what a job notes about a case, such as a missed day, is no step of it
        if reached.get(line.subject_id, line.from_state) != line.from_state:
            broken.append((line.subject_id, line.name, reached[line.subject_id], line.from_state))
        reached[line.subject_id] = line.to_state
    assert broken == []
    assert {pk: state for pk, state in reached.items() if states[pk] != state} == {}


def test_totals_reconcile_from_class_to_licence():
    """Every trainee enrolled is counted once at each tier that the case has reached."""
    applications = ExamApplication.objects.exclude(state="WITHDRAWN")
    assert Counter(applications.values_list("trainee", flat=True)).most_common(1)[0][1] == 1
    left = set(applications.exclude(trainee__state="ENROLLED").values_list("pk", flat=True))
    assert left == _ended_by_bars() != set()
    submitted = ExamApplication.objects.filter(batch__isnull=False)
    assert submitted.count() == ExamApplication.objects.exclude(first_submitted_at=None).count()
    assert set(ApplicationBatch.objects.values_list("pk", flat=True)) == set(submitted.values_list("batch", flat=True))
    enrolled = Trainee.objects.filter(state="ENROLLED", applications__isnull=False).distinct().count()
    assert enrolled == ExamApplication.objects.exclude(pk__in=left).values("trainee").distinct().count()
    passed = Candidate.objects.filter(state=CandidateState.PASSED)
    applied = LicenceApplicant.objects.values("candidate").distinct().count()
    assert passed.count() == applied + passed.filter(licence_applicants=None).count()
    released = Candidate.objects.filter(session__state="RELEASED", state__in=EXAMINED).count()
    assert released == Candidate.objects.filter(state__in=EXAMINED).count()


def test_a_certificate_was_extended_by_what_its_holder_declared():
    extended = TransitionLog.objects.filter(subject_type=ContentType.objects.get_for_model(Certificate), name=EXTENSION)
    (line,) = extended
    certificate = Certificate.objects.get(pk=line.subject_id)
    (delay,) = certificate.person.declarations.filter(fact=DeclaredFact.DELAY)
    assert line.detail["before"] < line.detail["until"] == f"{certificate.valid_until:%Y-%m-%d}"
    assert certificate.source == Certificate.Source.IMPORTED
    assert delay.declared_at < line.at
    assert delay.declared_by != line.actor


def test_of_the_decisions_that_end_a_certificate_some_are_served_and_some_are_to_be_served():
    decided = EndingCase.objects.filter(state="DECIDED")
    assert decided.filter(served_at=None).exists()
    (served,) = decided.exclude(served_at=None)
    (event,) = served.service_events.filter(kind=ServiceEvent.Kind.SIGNED)
    assert (served.kind, event.side, event.at) == (EndingCase.Kind.REVOKE, "AUTHORITY", served.served_at)
    assert served.certificate.person.name in event.detail
    assert None not in (served.letter, event.file)
    assert event.receipt_number


def test_nobody_finds_the_news_of_three_months_unread():
    unread = Counter(Notice.objects.filter(read_at=None).values_list("recipient", flat=True))
    assert max(unread.values()) < 50
    assert Notice.objects.filter(read_at__lt=F("created_at")).count() == 0


def test_somebody_was_not_accepted_and_somebody_withdrew():
    """Both are told in writing, and neither has a clock that still runs beside that of the service."""
    (refused,) = LicenceApplicant.objects.filter(state="NOT_ACCEPTED")
    assert (refused.decision.outcome, refused.decision.ground) == ("NOT_ACCEPTED", "FALSE")
    (withdrawn,) = LicenceApplicant.objects.filter(state="WITHDRAWN")
    assert withdrawn.withdrawal.file is not None
    assert withdrawn.withdrawal.notice.number
    for row in (refused, withdrawn):
        running = Deadline.objects.unmet().of(None, [row]).exclude(rule__code="service")
        assert not running.exists()


def test_everybody_accepted_has_a_notice():
    accepted = LicenceApplicant.objects.filter(accepted_at__isnull=False)
    assert accepted.exists()
    assert not accepted.filter(acceptance=None).exists()


def _ended_by_bars() -> set[int]:
    """Applications of people who were barred while their class had not ended: the application is over, so nothing
    keeps them on the roster."""
    found = set()
    for case in BarCase.objects.filter(state__in=["IMPOSED", "LIFTED"]):
        day = case.decided_at.astimezone(SHANGHAI).date()
        rows = ExamApplication.objects.filter(person=case.person_id, plan__class_end__gte=day, state="REFUSED")
        found |= set(rows.values_list("pk", flat=True))
    return found


def test_no_session_holds_more_than_it_takes():
    for session in ExamSession.objects.all():
        in_it = session.candidates.exclude(state__in=["MOVED", "WITHDRAWN"]).count()
        assert in_it <= session.capacity


def test_deadlines_are_alive():
    today = clock.today()
    due = Counter(
        (row.due_on - today).days for row in Deadline.objects.filter(met_at=None, closed_at=None, provisional=False)
    )
    assert due[0], "nothing is due today"
    assert sum(due[days] for days in range(1, 6)), "nothing is due within the week"
    assert sum(number for days, number in due.items() if days < 0), "nothing is overdue"
    soon = Deadline.objects.filter(opened_at__gt=clock.now() + timedelta(seconds=1))
    assert not soon.exists()


def test_every_deadline_explains_itself(client):
    client.force_login(User.objects.get(username="shenji"))
    rules = {}
    for deadline in Deadline.objects.order_by("rule", "pk"):
        rules.setdefault((deadline.rule_id, deadline.provisional, deadline.met_at is None), deadline)
    assert len({rule for rule, *_more in rules}) >= 15
    for deadline in rules.values():
        response = client.get(f"/deadlines/{deadline.pk}/")
        assert response.status_code == 200
        assert deadline.rule.clause in response.content.decode()


# Whose work of this issue begins with what others do on the spot, or who only looks on.
WITHOUT_TODO = {"AUDITOR", "ADMINISTRATOR", "CITY_SUPERVISOR", "PROVINCIAL_INSPECTOR", "CITY_HEAD", "PROVINCIAL_HEAD"}


@pytest.mark.parametrize("role", [role for role in Role.values if role not in WITHOUT_TODO])
def test_every_role_has_something_to_do(role):
    found = {}
    for assignment in RoleAssignment.objects.filter(role=role, user__username__in=LISTED).select_related("user"):
        lines = todo.lines_for(assignment.user, clock.now())
        found[assignment.user.username] = len(lines[todo.Kind.TODO])
    assert any(found.values()), found


# How numbers begin that nobody bears: province 99, and serial numbers that begin with it.
NOBODYS = {"IDENTITY_CARD": "99", "PERMANENT_RESIDENCE": "ZZZ99", "PASSPORT": "E99", "TRAVEL_PERMIT": "H99"}


def test_everybody_is_invented_and_right():
    assert Person.objects.count() >= building.PEOPLE
    for kind, number in Person.objects.values_list("document_type", "document_number"):
        assert number.startswith(NOBODYS[kind])
        if kind == DocumentType.IDENTITY_CARD:
            check_identity_number(number, today=clock.today())
        else:
            assert FORMS[kind].fullmatch(number)
    assert set(NOBODYS) == set(Person.objects.values_list("document_type", flat=True))
    institutions = Organisation.objects.filter(kind=OrganisationKind.TRAINING_INSTITUTION)
    assert institutions.count() == 40
    assert all(uscc.is_valid(code) for code in institutions.values_list("credit_code", flat=True))


def test_a_second_run_changes_nothing():
    before = Organisation.objects.count(), ExamApplication.objects.count()
    assert building.build_once(now=clock.now()) is False
    assert before == (Organisation.objects.count(), ExamApplication.objects.count())
