"""逾期特批: who asks, who decides, how long it holds, what the case shows of it, and that nothing passes without it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from certification import clock
from certification.deadlines import badge, ledger
from certification.deadlines.late_admissions import admissions
from certification.deadlines.late_admissions.states import AdmissionState as S
from certification.deadlines.models import Deadline, LateAdmission
from certification.notices.models import Notice
from certification.organisations import separation_scan
from certification.organisations.models import RoleAssignment, User
from certification.organisations.roles import Role
from certification.portal import timeline, todo
from certification.records.models import TransitionLog
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, TooLate, WrongState
from certification.workdays import calendars
from tests.factories import at
from training.models import TrainingPlan
from training.plans import filing
from training.states import PlanState

# Seven working days before Monday 20 April 2026 end on Thursday 9 April.
CLASS_START, LAST_DAY = date(2026, 4, 20), date(2026, 4, 9)
LATE_ON = date(2026, 4, 10)
LATE = at(LATE_ON)
REASON = "系统升级，未能按时登录。"
RULE, MODEL = "plan_filing", "training.TrainingPlan"


def ask(world, *plans, by="jigou", now=LATE, event_on=CLASS_START, reason=REASON):
    return admissions.ask(
        actor=world.user(by),
        now=now,
        model_label=MODEL,
        rule_code=RULE,
        wanted=[(plan.pk, event_on) for plan in plans],
        reason=reason,
    )


def asked(world, plan, **kwargs) -> LateAdmission:
    (result,) = ask(world, plan, **kwargs)
    assert result.ok, result.refusal
    return result.row


def grant(world, *rows, by="sheng-fuze", now=LATE, reason="情况属实", until=None):
    return admissions.grant(
        actor=world.user(by), now=now, admission_ids=[row.pk for row in rows], reason=reason, valid_until=until
    )


def granted(world, plan, **kwargs) -> LateAdmission:
    (result,) = grant(world, asked(world, plan), **kwargs)
    assert result.ok, result.refusal
    return result.row


def file(world, plan, *, now=LATE, by="jigou"):
    return filing.file_plan(actor=world.user(by), now=now, plan_id=plan.pk)


@pytest.fixture
def heads(world):
    """The usernames of the provincial heads."""
    held = RoleAssignment.objects.filter(role=Role.PROVINCIAL_HEAD).values_list("user__username", flat=True)
    assert "sheng-fuze" in held
    return set(held)


def told() -> set[str]:
    return set(Notice.objects.values_list("recipient__username", flat=True))


def test_the_refusal_names_what_to_ask_for(world, draft):
    with pytest.raises(TooLate) as refused:
        file(world, draft)
    refusal = refused.value
    assert (refusal.rule_code, refusal.subject, refusal.event_on) == (RULE, draft, CLASS_START)
    assert refusal.admission is None


def test_asked_granted_used(world, draft, heads):
    row = asked(world, draft)
    assert (row.state, row.due_on, row.organisation) == (S.REQUESTED, LAST_DAY, world.institution)
    assert told() == heads
    with pytest.raises(TooLate) as refused:
        file(world, draft)
    assert refused.value.admission == row

    Notice.objects.all().delete()
    (result,) = grant(world, row)
    assert {"jigou", "shi-shenhe", "shi-fuze"} <= told()
    assert result.row.valid_until == date(2026, 4, 17)

    filed = file(world, draft)
    assert filed.state == PlanState.FILED
    row.refresh_from_db()
    assert (row.used_at, row.used_by) == (LATE, world.user("jigou"))
    deadline = ledger.find(RULE, filed)
    assert deadline.state_at(LATE) == Deadline.State.MET_LATE
    assert deadline.late_admission == row
    assert badge.badge_of(deadline, LATE, calendars.current()).words == "已办结（逾期特批）"
    assert row.history.count() == 3


def test_the_case_says_who_admitted_it_when_and_why(world, draft):
    granted(world, draft)
    file(world, draft)
    steps = {entry.title: entry for entry in timeline.entries(TrainingPlan.objects.get())}
    (step,) = (entry for title, entry in steps.items() if title.startswith("逾期特批：培训计划报备"))
    assert str(world.user("sheng-fuze")) in step.who
    assert (step.at, step.text) == (LATE, "情况属实")
    assert any(title.startswith("申请逾期特批") for title in steps)
    assert any(title.startswith("凭逾期特批办理") for title in steps)


def test_what_is_in_time_provisional_or_over_is_not_admitted(world, make_draft):
    (in_time,) = ask(world, make_draft(), now=at(LAST_DAY, 23, 59))
    assert in_time.refusal.code == "nothing_to_admit"
    (provisional,) = ask(world, make_draft(start=date(2027, 1, 5)), now=at(date(2027, 1, 4)), event_on=date(2027, 1, 5))
    assert provisional.refusal.code == "nothing_to_admit"
    (over,) = ask(world, make_draft(), now=at(CLASS_START))
    assert over.refusal.code == "over"
    assert not LateAdmission.objects.exists()
    assert not Notice.objects.exists()


def test_one_open_request_and_another_after_it_was_refused_or_taken_back(world, draft):
    first = asked(world, draft)
    (again,) = ask(world, draft)
    assert again.refusal.code == "already_asked"
    admissions.withdraw(actor=world.user("jigou"), now=LATE, admission_id=first.pk)
    second = asked(world, draft)
    (refused,) = admissions.refuse(actor=world.user("sheng-fuze"), now=LATE, admission_ids=[second.pk], reason="无据")
    assert refused.row.state == S.REFUSED
    with pytest.raises(TooLate) as late:
        file(world, draft)
    assert late.value.admission == second
    third = asked(world, draft)
    grant(world, third)
    (fourth,) = ask(world, draft)
    assert fourth.refusal.code == "already_granted"
    with pytest.raises(WrongState):
        admissions.withdraw(actor=world.user("jigou"), now=LATE, admission_id=third.pk)


@pytest.mark.parametrize("name", ["sheng-shenpi", "sheng-shenhe", "shi-fuze", "jigou", "shenji", "guanli"])
def test_the_provincial_head_alone_decides(world, draft, name):
    row = asked(world, draft)
    user = User.objects.filter(username=name).first() or pytest.skip("no such account")
    for act in (admissions.grant, admissions.refuse):
        with pytest.raises(NotPermitted):
            act(actor=user, now=LATE, admission_ids=[row.pk], reason="同意")


def test_others_do_not_ask_and_do_not_see(world, draft):
    with pytest.raises(admissions.NotFound):
        ask(world, draft, by="lanxi-jigou")
    with pytest.raises(NotPermitted):
        ask(world, draft, by="shi-shenhe")
    row = asked(world, draft)
    for name, sees in (("jigou", True), ("shi-fuze", True), ("sheng-fuze", True), ("lanxi-jigou", False)):
        found = LateAdmission.objects.visible_to(world.user(name)).filter(pk=row.pk).exists()
        assert found is sees, name
    with pytest.raises(admissions.NotFound):
        admissions.withdraw(actor=world.user("lanxi-jigou"), now=LATE, admission_id=row.pk)


def test_reasons_are_required(world, draft):
    with pytest.raises(Incomplete):
        ask(world, draft, reason="  ")
    row = asked(world, draft)
    with pytest.raises(Incomplete):
        grant(world, row, reason="")
    with pytest.raises(Incomplete):
        admissions.refuse(actor=world.user("sheng-fuze"), now=LATE, admission_ids=[row.pk], reason=" ")


def test_until_when_it_holds(world, make_draft):
    one, two, three = make_draft(), make_draft(), make_draft()
    until = date(2026, 4, 14)
    assert granted(world, one, until=until).valid_until == until
    row = asked(world, two, now=at(date(2026, 4, 16)))
    for wrong in (CLASS_START, date(2026, 4, 15)):
        (result,) = grant(world, row, now=at(date(2026, 4, 16)), until=wrong)
        assert isinstance(result.refusal, Incomplete), wrong
    # Five working days would end on the 23rd; the plan can be filed until the day before class starts.
    (capped,) = grant(world, row, now=at(date(2026, 4, 16)))
    assert capped.row.valid_until == date(2026, 4, 19)
    over = asked(world, three, now=at(date(2026, 4, 16)))
    (result,) = grant(world, over, now=at(CLASS_START))
    assert result.refusal.code == "over"


def test_it_ends_at_midnight(world, make_draft):
    one, two = make_draft(), make_draft()
    until = date(2026, 4, 14)
    granted(world, one, until=until)
    used = file(world, one, now=at(until, 23, 59))
    assert used.state == PlanState.FILED
    row = granted(world, two, until=until)
    with pytest.raises(TooLate) as refused:
        file(world, two, now=at(until + timedelta(days=1), 0, 0))
    assert refused.value.admission == row
    assert row.expired_at(at(until + timedelta(days=1), 0, 0))
    assert asked(world, two, now=at(until + timedelta(days=1), 0, 1)).state == S.REQUESTED


def test_another_class_start_needs_another_admission(world, draft, at):
    granted(world, draft)
    TrainingPlan.objects.filter(pk=draft.pk).update(class_start=date(2026, 4, 17))
    with pytest.raises(TooLate) as refused:
        file(world, draft)
    assert (refused.value.event_on, refused.value.admission) == (date(2026, 4, 17), None)


def test_nobody_decides_what_they_asked_for_or_teach(world, draft):
    row = asked(world, draft)
    head = world.user("sheng-fuze")
    other = head.person
    User.objects.filter(pk=head.pk).update(person=world.user("jigou").person)
    (own,) = grant(world, row)
    assert isinstance(own.refusal, SeparationBreach)
    User.objects.filter(pk=head.pk).update(person=other)
    assert grant(world, row)[0].ok
    assert admissions.has_admitted(TrainingPlan)([draft.pk]) == {draft.pk: {other.pk}}


def test_whoever_stands_behind_request_and_decision_is_refused_on_the_page_and_found_by_the_scan(
    world, draft, client, at
):
    row, head = asked(world, draft), world.user("sheng-fuze")
    at(LATE)
    client.force_login(head)
    LateAdmission.objects.update(requested_on_behalf_of=head)
    for outcome in ("grant", "refuse"):
        url = f"{reverse('deadlines:admission_decide')}?outcome={outcome}&admission={row.pk}"
        assert "规则 4.3 申请人不得决定自己的申请" in client.post(url, {"reason": "情况属实"}).content.decode()
    assert LateAdmission.objects.get().state == S.REQUESTED
    assert list(separation_scan.breaches(LATE_ON)) == []
    signed = {"decided_by": world.user("sheng-shenpi"), "decided_on_behalf_of": head, "decided_at": LATE}
    LateAdmission.objects.update(state=S.REFUSED, decision_reason="不同意", **signed)
    (breach,) = separation_scan.breaches(LATE_ON)
    assert (breach.person_id, breach.model, breach.case_id) == (head.person_id, LateAdmission, row.pk)


def test_the_head_may_admit_unasked_and_grants_what_was_asked_meanwhile(world, make_draft):
    late = make_draft(now=at(date(2026, 3, 2)))
    file(world, late, now=at(date(2026, 3, 2)))
    head = world.user("sheng-fuze")
    after = at(CLASS_START + timedelta(days=1))
    common = {"actor": head, "now": after, "model_label": MODEL, "event_on": CLASS_START, "reason": "学员临时变动"}
    with pytest.raises(admissions.NothingToAdmit):
        admissions.admit(rule_code="decision", case_id=late.pk, **common)
    with pytest.raises(NotPermitted):
        admissions.admit(rule_code="roster", case_id=late.pk, **{**common, "actor": world.user("sheng-shenpi")})
    row = admissions.admit(rule_code="roster", case_id=late.pk, **common)
    assert (row.state, row.requested_by, row.decided_by) == (S.GRANTED, None, head)
    assert "jigou" in told()
    with pytest.raises(WrongState):
        admissions.admit(rule_code="roster", case_id=late.pk, **common)


def test_what_was_asked_meanwhile_is_what_the_head_admits(world, draft, monkeypatch):
    row = asked(world, draft)
    monkeypatch.setattr(TrainingPlan.objects.__class__, "visible_to", lambda self, user: self.all())
    made = admissions.admit(
        actor=world.user("sheng-fuze"),
        now=LATE,
        model_label=MODEL,
        rule_code=RULE,
        case_id=draft.pk,
        event_on=CLASS_START,
        reason="情况属实",
    )
    assert made == row
    assert LateAdmission.objects.get().state == S.GRANTED


def test_a_grant_holds_the_consequence_back_until_it_ends(world, make_draft):
    plan = make_draft(now=at(date(2026, 3, 2)))
    file(world, plan, now=at(date(2026, 3, 2)))
    after = at(CLASS_START + timedelta(days=1), 9)
    row = admissions.admit(
        actor=world.user("sheng-fuze"),
        now=after,
        model_label=MODEL,
        rule_code="roster",
        case_id=plan.pk,
        event_on=CLASS_START,
        reason="学员临时变动",
        valid_until=date(2026, 4, 23),
    )
    rosters = Deadline.objects.filter(rule__code="roster")
    assert not admissions.exclude_admitted(rosters, at(row.valid_until, 23, 59)).exists()
    assert admissions.exclude_admitted(rosters, at(row.valid_until + timedelta(days=1), 0, 0)).exists()
    Deadline.objects.update(anchor_on=date(2026, 4, 17))
    assert admissions.exclude_admitted(rosters, after).exists()


def test_many_at_once_in_a_constant_number_of_statements(world, make_draft, django_assert_max_num_queries):
    few, many = [make_draft() for _ in range(2)], [make_draft() for _ in range(12)]
    for plans in (few, many):
        rows = [result.row for result in ask(world, *plans)]
        with django_assert_max_num_queries(40):
            assert all(result.ok for result in grant(world, *rows))
    assert Notice.objects.filter(recipient__username="jigou").count() == 2


def test_the_home_page_of_head_and_asker(world, draft, at):
    at(LATE)
    row = asked(world, draft)

    def lines(name, kind=todo.Kind.TODO):
        return [line.title for line in todo.lines_for(world.user(name), clock.now())[kind]]

    assert "决定逾期特批申请" in lines("sheng-fuze")
    assert "已申请、等待决定的逾期特批" in lines("jigou", todo.Kind.WAITING)
    grant(world, row)
    assert "决定逾期特批申请" not in lines("sheng-fuze")
    assert "凭逾期特批办理" in lines("jigou")
    file(world, draft)
    assert "凭逾期特批办理" not in lines("jigou")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs row locks of two connections")
class TestAtOnce:
    """Two at the same moment, a connection each."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_two_heads_decide_once(self, at_once, world, draft):
        row = asked(world, draft)
        head = world.user("sheng-fuze")

        def refuse():
            return admissions.refuse(actor=head, now=LATE, admission_ids=[row.pk], reason="无据")

        results = [answer[0] for answer in at_once(lambda: grant(world, row), refuse)]
        assert sorted(result.ok for result in results) == [False, True]
        assert [result.refusal.code for result in results if not result.ok] == ["wrong_state"]
        (done,) = [result.row for result in results if result.ok]
        row.refresh_from_db()
        assert (row.state, row.decision_reason) == (done.state, done.decision_reason)
        assert TransitionLog.objects.about(row).filter(name__in=["grant", "refuse"]).count() == 1

    def test_two_ask_once(self, at_once, world, draft):
        answers = at_once(lambda: ask(world, draft), lambda: ask(world, draft))
        assert sorted(answer[0].ok for answer in answers) == [False, True]
        assert LateAdmission.objects.count() == 1

    def test_two_use_it_once(self, at_once, world, draft):
        row = granted(world, draft)
        answers = at_once(lambda: file(world, draft), lambda: file(world, draft))
        assert [type(answer) for answer in answers if isinstance(answer, Refusal)] == [WrongState]
        row.refresh_from_db()
        assert row.history.filter(used_at__isnull=False).count() == 1
        assert TransitionLog.objects.about(row).filter(name="use").count() == 1

    def test_the_last_moment_passes_and_the_next_does_not(self, at_once, world, make_draft):
        one, two = make_draft(), make_draft()
        for plan in (one, two):
            granted(world, plan, until=date(2026, 4, 14))
        ends = at(date(2026, 4, 15), 0, 0)
        first, second = at_once(
            lambda: file(world, one, now=ends - timedelta(seconds=1)), lambda: file(world, two, now=ends)
        )
        assert first.state == PlanState.FILED
        assert isinstance(second, TooLate)
        assert LateAdmission.objects.filter(used_at__isnull=False).count() == 1

    def test_asked_while_the_head_admits_unasked(self, at_once, world, make_draft):
        plan = make_draft(now=at(date(2026, 3, 2)))
        file(world, plan, now=at(date(2026, 3, 2)))
        after = at(CLASS_START + timedelta(days=1))

        def ask_roster():
            return admissions.ask(
                actor=world.user("jigou"),
                now=after,
                model_label=MODEL,
                rule_code="roster",
                wanted=[(plan.pk, CLASS_START)],
                reason=REASON,
            )

        def admit():
            return admissions.admit(
                actor=world.user("sheng-fuze"),
                now=after,
                model_label=MODEL,
                rule_code="roster",
                case_id=plan.pk,
                event_on=CLASS_START,
                reason="同意",
            )

        at_once(ask_roster, admit)
        assert list(LateAdmission.objects.values_list("state", flat=True)) == [S.GRANTED]
