"""方案对照 and the other reference pages."""

import pytest
from django.urls import reverse

from certification.organisations.roles import Role
from certification.portal.plan import clauses, screens
from certification.rulebook.models import Rule


def test_citations_are_understood():
    assert clauses.cited("方案三（二）1；方案三（三）") == ["三(二)1", "三(三)"]
    assert clauses.cited("三(二)") == ["三(二)1", "三(二)2"], "a whole item stands for what is below it"
    assert clauses.cited("方案三") == ["三"]
    assert clauses.cited("总局令第30号第四条") == []


def test_every_citation_of_the_plan_by_a_shipped_rule_is_known(world):
    unknown = [rule.clause for rule in Rule.objects.filter(clause__startswith="方案") if not clauses.cited(rule.clause)]
    assert unknown == []


def test_every_section_and_clause_of_the_plan_is_there():
    assert [part.number for part in clauses.parts()] == ["一", "二", "三", "四"]
    assert [len(part.clauses) for part in clauses.parts()] == [1, 1, 6, 5]


def test_a_screen_needs_a_clause(monkeypatch):
    monkeypatch.setattr(screens, "_SCREENS", {})
    with pytest.raises(LookupError):
        screens.register("五", "某页", "portal:home")


def test_a_clause_links_to_its_screens_for_those_who_may_open_them(client_of, monkeypatch):
    monkeypatch.setattr(screens, "_SCREENS", {})
    page = client_of("jigou").get("/plan/").content.decode()
    count = sum(len(part.clauses) for part in clauses.parts())
    assert page.count("未实现") == count
    screens.register("三(四)", "界面组件页", "portal:gallery")
    page = client_of("jigou").get("/plan/").content.decode()
    assert page.count("未实现") == count - 1
    assert "界面组件页" in page
    assert 'href="/components/"' not in page
    assert '<a href="/components/">界面组件页</a>' in client_of("guanli").get("/plan/").content.decode()


def test_no_clause_is_without_a_screen():
    everybody = frozenset(Role)
    for part in clauses.parts():
        for clause in part.clauses:
            assert screens.screens_of(clause.code, everybody), clause.code


def test_what_review_does_is_found_from_its_clauses(client_of):
    """Splitting (3.2), correction, take-over, acting-for (4.5), assignment, bars (3.3)."""
    page = client_of("sheng-fuze").get("/plan/").content.decode()
    initial = page.partition('id="clause-三(二)1"')[2].partition("</article>")[0]
    for name in ("handovers", "classes", "corrections", "takeovers", "taken_over", "assignments"):
        assert f'href="{reverse(f"approvals:{name}")}"' in initial, name
    assert f'href="{reverse("portal:declarations")}"' in initial
    strict = page.partition('id="clause-四(二)"')[2].partition("</article>")[0]
    assert f'href="{reverse("approvals:bars")}"' in strict


def test_rules_stand_beside_their_clauses_with_edition_and_mark(client_of):
    page = client_of("jigou").get("/plan/").content.decode()
    article = page.partition('id="clause-三(一)"')[2].partition("</article>")[0]
    assert "培训计划报备" in article
    assert "方案原文" in article


def test_the_catalogue_counts_fifty_four(client_of):
    page = client_of("jigou").get("/catalogue/").content.decode()
    assert "<dd>54</dd>" in page


def test_the_calendar_shows_days_off_and_make_up_days(client_of):
    page = client_of("jigou").get("/calendar/2026/").content.decode()
    assert "<dd>248</dd>" in page
    assert "国庆节" in page
    assert "day-make-up" in page


def test_a_year_without_a_notice_is_provisional(client_of):
    assert "均为暂定" in client_of("jigou").get("/calendar/2028/").content.decode()
    assert client_of("jigou").get("/calendar/1800/").status_code == 404


@pytest.mark.parametrize("path", ["/rules/", "/designations/", "/rules/?edition=2026-draft"])
def test_reference_pages_open_for_any_account(client_of, path):
    assert client_of("jigou").get(path).status_code == 200


def test_an_unknown_edition_is_not_found(client_of):
    assert client_of("jigou").get("/rules/?edition=none").status_code == 404
