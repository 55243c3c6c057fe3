"""A changed rule is a new edition: drafted by administrators, checked, put into force by the provincial head; cases
keep the edition that they began under."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from certification.clock import SHANGHAI
from certification.deadlines import ledger, moving
from certification.deadlines.due import due
from certification.deadlines.models import Deadline
from certification.deadlines.planning.planner import Wish, plan
from certification.deadlines.rules import editions
from certification.organisations import separation_scan
from certification.organisations.models import RoleAssignment
from certification.organisations.roles import Role
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach, WrongState
from certification.rulebook import drafting, lookup
from certification.rulebook.models import Rule, RuleEdition
from certification.workdays import calendars
from certification.workflow import log

NOW = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)
LATER = date(2026, 6, 1)
EVENT = date(2026, 7, 20)


@pytest.fixture
def administrator(world):
    return world.user("guanli")


@pytest.fixture
def head(world):
    return world.user("sheng-fuze")


@pytest.fixture
def draft(administrator):
    return editions.draft_edition(
        actor=administrator, now=NOW, code="2", name="实施方案规则（2026年修订）", source="某文件〔2026〕1号"
    )


def rule_of(edition: RuleEdition, code: str = "plan_filing") -> Rule:
    return edition.rules.get(area="deadline", code=code)


@pytest.fixture
def second(draft, administrator, head):
    """In force from 2026-06-01: plans are filed ten working days ahead instead of seven."""
    editions.change_rule(actor=administrator, now=NOW, rule_id=rule_of(draft).pk, texts={}, values={"days": 10})
    return editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=LATER)


def test_a_draft_is_a_whole_copy_and_not_in_force(draft):
    first = RuleEdition.objects.get(code="1")
    assert drafting.difference(editions.rules_of(first), editions.rules_of(draft)) == []
    assert editions.problems_of(draft) == []
    assert lookup.edition_on(date(2030, 1, 1)).code == "1"


def test_the_difference_names_what_changed(draft, administrator):
    editions.change_rule(
        actor=administrator,
        now=NOW,
        rule_id=rule_of(draft).pk,
        texts={"clause": "某文件第三条"},
        values={"days": 10, "reminders": [5, 1]},
    )
    (change,) = drafting.difference(editions.rules_of(editions.latest()), editions.rules_of(draft))
    assert change.kind == "修改"
    assert {field.name: (field.before, field.after) for field in change.fields} == {
        "条款": ("方案三（一）", "某文件第三条"),
        "days": (7, 10),
        "reminders": ([3, 1], [5, 1]),
    }


def test_old_cases_keep_their_edition_and_new_ones_take_the_new(world, second):
    def opened(subject, now: datetime) -> Deadline:
        return ledger.open_deadline("plan_filing", subject, event_on=EVENT, responsible=world.institution, now=now)

    old = opened(world.institution.territory, NOW)
    assert old.due_on == date(2026, 7, 9)
    after = datetime(2026, 6, 1, 9, 0, tzinfo=SHANGHAI)
    new = opened(world.other_institution.territory, after)
    assert (new.due_on, new.rule.edition) == (date(2026, 7, 6), second)
    eve = opened(world.user("guanli"), after - timedelta(hours=10))
    assert eve.due_on == date(2026, 7, 9), "the evening before is still under the old edition"
    moving.apply_calendar(calendars.current(), now=after, actor=world.user("guanli"))
    assert Deadline.objects.get(pk=old.pk).due_on == date(2026, 7, 9)
    assert opened(world.institution.territory, after).pk == old.pk


def test_the_planner_counts_by_the_edition_of_the_day(second):
    wish = Wish("INITIAL", "TWO", class_start=EVENT)
    found = {}
    for day in (LATER - timedelta(days=1), LATER):
        rules = lookup.rules(lookup.edition_on(day), "deadline")
        found[day] = plan(wish, rules, calendars.published_only(), today=day).lines[0].due_on
    assert list(found.values()) == [date(2026, 7, 9), date(2026, 7, 6)]
    assert due("plan_filing", EVENT, edition=second).due_on == date(2026, 7, 6)


def test_the_editions_of_many_days_are_one_query(second, django_assert_num_queries):
    days = [LATER + timedelta(days=number) for number in (-1, 0, 1)]
    one_by_one = {day: lookup.edition_on(day) for day in days}
    assert one_by_one[days[0]] != one_by_one[days[1]]
    with django_assert_num_queries(1):
        assert lookup.editions_on(days) == one_by_one
    with pytest.raises(RuleEdition.DoesNotExist):
        lookup.editions_on([date(2023, 3, 31)])


def test_the_planner_page_points_to_the_coming_edition(client_of, second, at):
    at(NOW)
    client = client_of("jigou")
    address = reverse("deadlines:planner")
    page = client.get(address, {"class_start": "2026-07-20"}).content.decode()
    assert "即将施行" in page
    assert "2026年7月9日" in page
    page = client.get(address, {"class_start": "2026-07-20", "today": "2026-06-01"}).content.decode()
    assert "2026年7月6日" in page


def test_an_edition_in_force_never_changes(second, administrator, head, client_of):
    rule = rule_of(second)
    with pytest.raises(WrongState):
        editions.change_rule(actor=administrator, now=NOW, rule_id=rule.pk, texts={}, values={"days": 1})
    with pytest.raises(WrongState):
        editions.copy_missing(actor=administrator, now=NOW, edition_id=second.pk)
    with pytest.raises(WrongState):
        editions.activate_edition(actor=head, now=NOW, edition_id=second.pk, valid_from=date(2027, 1, 1))
    client_of("guanli").post(f"/admin/rulebook/rule/{rule.pk}/change/", {"title": "改名"})
    assert rule_of(second).title == "培训计划报备"


def test_the_shipped_draft_is_refused_with_everything_that_is_missing(world, head, administrator):
    shipped = RuleEdition.objects.get(code="2026-draft")
    with pytest.raises(Incomplete) as refused:
        editions.activate_edition(actor=head, now=NOW, edition_id=shipped.pk, valid_from=LATER)
    named = {problem.field for problem in refused.value.problems if problem.code == "missing"}
    present = set(shipped.rules.values_list("area", "code"))
    first = RuleEdition.objects.get(code="1")
    assert named == {f"{area}.{code}" for area, code in first.rules.values_list("area", "code")} - {
        f"{area}.{code}" for area, code in present
    }
    assert len(named) > 50
    shipped.refresh_from_db()
    assert not shipped.active
    added = editions.copy_missing(actor=administrator, now=NOW, edition_id=shipped.pk)
    assert len(added) == len(named)
    assert not [problem for problem in editions.problems_of(shipped) if problem.code == "missing"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"days": "7"}, "参数 days 应为数字，现为文字"),
        ({"days": -1}, "天数应为"),
        ({"days": 0}, "含当日"),
        ({"unit": "weeks"}, "weeks"),
        ({"reminders": [0]}, "大于 0"),
        ({"kinds": []}, "不能为空"),
        ({"event": "lunch"}, "lunch"),
        (None, "缺少参数 days"),
    ],
)
def test_values_of_another_shape_are_refused(draft, head, values, said):
    """However they came in: a draft may also be written by the administration pages."""
    rule = rule_of(draft)
    rule.values = {**rule.values, **values} if values else {k: v for k, v in rule.values.items() if k != "days"}
    rule.save()
    with pytest.raises(Incomplete, match=said):
        editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=LATER)


@pytest.mark.parametrize("day", [date(2026, 4, 19), date(2026, 4, 20), date(2023, 4, 1)])
def test_the_from_date_lies_ahead(draft, head, day):
    with pytest.raises(Refusal, match="今天之后"):
        editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=day)


def test_the_from_date_lies_after_the_last_editions(second, administrator, head):
    third = editions.draft_edition(actor=administrator, now=NOW, code="3", name="第三版", source="某文件")
    assert rule_of(third).values["days"] == 10, "a draft starts from the latest edition, in force or to come"
    with pytest.raises(Refusal, match="2026年6月1日"):
        editions.activate_edition(actor=head, now=NOW, edition_id=third.pk, valid_from=LATER)


def test_who_prepares_does_not_put_into_force(draft, administrator, head, world):
    with pytest.raises(NotPermitted):
        editions.activate_edition(actor=administrator, now=NOW, edition_id=draft.pk, valid_from=LATER)
    with pytest.raises(NotPermitted):
        editions.draft_edition(actor=head, now=NOW, code="4", name="某版", source="某文件")
    RoleAssignment.objects.create(
        user=administrator, role=Role.PROVINCIAL_HEAD, valid_from=date(2026, 1, 1), granted_by=administrator
    )
    with pytest.raises(SeparationBreach):
        editions.activate_edition(actor=world.user("guanli"), now=NOW, edition_id=draft.pk, valid_from=LATER)


def test_whoever_was_acted_for_in_the_draft_does_not_put_it_into_force_and_is_found_by_the_scan(
    draft, administrator, head
):
    assert list(separation_scan.breaches(NOW.date())) == []
    log([draft], "change_rule", actor=_acting(administrator, head), now=NOW)
    with pytest.raises(SeparationBreach, match="规则版本起草"):
        editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=LATER)
    assert not RuleEdition.objects.get(pk=draft.pk).active
    log([draft], editions.ACTIVATION, actor=head, now=NOW)
    (breach,) = separation_scan.breaches(NOW.date())
    assert (breach.person_id, breach.rule[:2], breach.model) == (head.person_id, "4a", RuleEdition)


def _acting(user, absent):
    user.acting_for = absent
    return user


@pytest.mark.parametrize(("code", "field"), [("1", "code"), ("", "code")])
def test_a_code_is_taken_once(administrator, code, field):
    with pytest.raises(Incomplete) as refused:
        editions.draft_edition(actor=administrator, now=NOW, code=code, name="某版", source="某文件")
    assert refused.value.problems[0].field == field


def test_the_pages_from_draft_to_force(client_of, world, at):
    at(NOW)
    keeper, chief = client_of("guanli"), client_of("sheng-fuze")
    response = keeper.post(reverse("portal:rule-edition-create"), {"code": "2", "name": "第二版", "source": "某文件"})
    edition = RuleEdition.objects.get(code="2")
    assert response.url == reverse("portal:rule-edition", args=[edition.pk])
    rule = rule_of(edition)
    address = reverse("portal:rule-edit", args=[rule.pk])
    form = keeper.get(address).context["form"]
    typed = {name: value for name, value in form.initial.items() if value is not False}
    bad = keeper.post(address, {**typed, "reminders": "三天"})
    assert bad.status_code == 422
    assert "请填写数字" in bad.content.decode()
    assert keeper.post(address, {**typed, "days": 10, "reminders": "5、2"}).status_code == 302
    assert rule_of(edition).values["reminders"] == [5, 2]
    page = keeper.get(reverse("portal:rule-edition", args=[edition.pk])).content.decode()
    for text in ("规则齐全", "天数", "<strong>10</strong>", "5、2", "起草"):
        assert text in page
    activate = reverse("portal:rule-edition-activate", args=[edition.pk])
    assert keeper.get(activate).status_code == 403
    assert "修改：培训计划报备" in chief.get(activate).content.decode()
    assert chief.post(activate, {"valid_from": "2026-04-20"}).status_code == 422
    assert chief.post(activate, {"valid_from": "2026-06-01"}).status_code == 302
    compared = client_of("jigou").get(reverse("portal:rules-compare"), {"old": "1", "new": "2"}).content.decode()
    assert "提前几个工作日提醒" in compared
    assert "新版本即将施行" in client_of("jigou").get(reverse("portal:rules")).content.decode()


def test_the_incomplete_draft_says_on_its_page_what_is_missing(client_of, world):
    shipped = RuleEdition.objects.get(code="2026-draft")
    address = reverse("portal:rule-edition-activate", args=[shipped.pk])
    shown = client_of("sheng-fuze").get(address, follow=True).content.decode()
    assert "还不能启用" in shown
    assert f'href="{address}"' not in shown
    page = client_of("sheng-fuze").post(address, {"valid_from": "2030-01-01"})
    assert page.status_code == 422
    assert "缺少“培训计划报备”（deadline.plan_filing）" in page.content.decode()


def test_an_outsider_reads_who_what_when_and_what_if_not(client_of, world):
    page = client_of("jigou").get(reverse("portal:rules")).content.decode()
    row = page.partition('id="deadline-exam_plan"')[2].partition("</tr>")[0]
    for text in (
        "开考日期前第 5 个工作日 24:00 前",
        "考试组织单位",
        "方案三（三）",
        "第一类为内部控制目标",
        "到期前第 3、1 个工作日、到期当日各提醒一次",
        "该开考日期不予报送",
    ):
        assert text in row
    assert "exam_start" not in row


def test_an_unknown_edition_cannot_be_compared(client_of, world):
    assert client_of("jigou").get(reverse("portal:rules-compare"), {"old": "none"}).status_code == 404


@pytest.mark.parametrize(
    ("by_job_type", "said"),
    [
        ({"0102": {"K1": 30}}, "操作项目 0102 的各科目分值之和与总分不一致"),
        ({"0102": {"K9": 20}}, "操作项目 0102 的科目 K9 不在 subjects 中"),
    ],
)
def test_a_rule_that_means_nothing_to_its_readers_is_refused(draft, administrator, head, by_job_type, said):
    rule = draft.rules.get(area="examination", code="practical")
    change = {"actor": administrator, "now": NOW, "rule_id": rule.pk, "texts": {}}
    with pytest.raises(Incomplete, match=said):
        editions.change_rule(**change, values={"by_job_type": by_job_type})
    Rule.objects.filter(pk=rule.pk).update(values=rule.values | {"by_job_type": by_job_type})
    with pytest.raises(Incomplete, match=said):
        editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=LATER)
    assert editions.change_rule(**change, values={"by_job_type": {"0102": {"K1": 30, "K2": 30}}})


@pytest.mark.parametrize(
    ("address", "other_hosts", "official"),
    [
        ("https://cx.mem.gov.cn/", [], True),
        ("https://gov.cn/", [], True),
        ("https://cx.example.cn/", ["cx.example.cn"], True),
        ("https://cx.example.cn/", [], False),
        ("https://cx.example.cn/", ["example.cn"], False),
        ("http://cx.mem.gov.cn/", [], False),
        ("https://cx.mem-gov.cn/", [], False),
        ("https://cx.memgov.cn/", [], False),
        ("https://cx.mem.gov.cn@example.com/", [], False),
        ("https://example.com\\.mem.gov.cn/", [], False),
        ("https://example.com/?cx.mem.gov.cn", [], False),
        ("https://[cx.mem.gov.cn/", [], False),
        ("cx.mem.gov.cn", [], False),
    ],
)
def test_codes_lead_to_official_pages_only(draft, administrator, address, other_hosts, official):
    rule = draft.rules.get(area="certificate", code="electronic")
    values = {"pages": [{"label": "查询", "url": address}], "other_hosts": other_hosts}
    change = {"actor": administrator, "now": NOW, "rule_id": rule.pk, "texts": {}, "values": values}
    if official:
        assert editions.change_rule(**change).values["pages"][0]["url"] == address
    else:
        with pytest.raises(Incomplete, match="“查询”的地址.*不是官方页面"):
            editions.change_rule(**change)


def test_an_edition_with_another_page_does_not_come_into_force(draft, head):
    rule = draft.rules.get(area="certificate", code="electronic")
    Rule.objects.filter(pk=rule.pk).update(
        values=rule.values | {"pages": [{"label": "查询", "url": "https://cx.example.cn/"}]}
    )
    with pytest.raises(Incomplete, match="不是官方页面"):
        editions.activate_edition(actor=head, now=NOW, edition_id=draft.pk, valid_from=LATER)
