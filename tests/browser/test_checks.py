"""The catalogue of checks, and the checks beside a case, on a desk and on a phone."""

import pytest
from django.urls import reverse

from tests.approvals.cases import make_group
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_catalogue_of_checks_reads_well_at_both_widths(world, new_page, login_as, axe_violations):
    for viewport in ({"width": 1280, "height": 900}, PHONE):
        page = login_as(world.user("jigou"), new_page(viewport=viewport))
        page.goto("/rules/checks/")
        assert page.get_by_role("heading", name="核验规则", level=1).is_visible()
        assert page.locator("#retired").get_by_text("已达法定退休年龄").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert axe_violations(page) == []


def test_a_reviewer_sees_each_check_with_its_reason_and_clause(world, page, login_as, axe_violations):
    group = make_group(world)
    group.applications[0].trainee.education = "PRIMARY"
    group.applications[0].trainee.save()
    login_as(world.user("shi-shenhe"))
    page.goto(reverse("approvals:case", args=[group.ids[0]]))
    rows = page.get_by_role("table", name="机器核对").get_by_role("row")
    assert "文化程度 不符合" in " ".join(rows.nth(1).inner_text().split())
    assert "总局令第30号第四条" in rows.nth(1).inner_text()
    assert axe_violations(page) == []
