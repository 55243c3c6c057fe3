"""The catalogue of checks, and the checks beside a case, on a desk and on a phone."""

import pytest
from django.urls import reverse

from tests.approvals.cases import make_group

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_catalogue_of_checks_reads_well_at_both_widths(world, page, login_as, faults_of):
    login_as(world.user("jigou"), page)
    page.goto("/rules/checks/")
    assert page.get_by_role("heading", name="核验规则", level=1).is_visible()
    assert page.locator("#retired").get_by_text("已达法定退休年龄").is_visible()
    assert faults_of(page, "checks") == []


def test_a_reviewer_sees_each_check_with_its_reason_and_clause(world, page, login_as, faults_of):
    group = make_group(world)
    group.applications[0].trainee.education = "PRIMARY"
    group.applications[0].trainee.save()
    login_as(world.user("shi-shenhe"))
    page.goto(reverse("approvals:case", args=[group.ids[0]]))
    first = page.locator("ul.checks li").first.inner_text()
    assert "不符合 文化程度" in " ".join(first.split())
    assert "总局令第30号第四条" in first
    assert faults_of(page, "case-checks") == []
