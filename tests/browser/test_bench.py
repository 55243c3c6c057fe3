"""The review bench by the keyboard alone: read, decide, take back, hand over; single keys stay out of fields."""

import pytest

from approvals.models import PreparedOpinion, ReasonText, Review
from approvals.reviews.reasons import load
from tests.approvals.cases import NOW, draw_papers, make_group
from tests.browser.conftest import DESKTOP


@pytest.fixture
def bench(world, at, new_page, login_as):
    """A reviewer's page with four cases that wait, the first with papers that can be looked at."""
    at(NOW)
    load(now=NOW)
    group = make_group(world, 4)
    for application in group.applications:
        draw_papers(application)

    def sit(viewport=DESKTOP, **options):
        page = new_page(viewport, **options)
        login_as(world.user("shi-shenhe"), page)
        page.goto("/approvals/reviews/?stage=PRELIMINARY")
        return page, group

    return sit


def arrive(page, act):
    with page.expect_navigation():
        act()
    page.wait_for_load_state("load")


def name_of(group, place):
    return group.applications[place].person.name


def heading(page):
    return page.locator("h1").inner_text()


def test_three_cases_one_undone_and_handed_over_by_keyboard(bench):
    page, group = bench()
    press = page.keyboard.press
    page.locator("a.opens").first.focus()
    arrive(page, lambda: press("Enter"))
    assert heading(page) == name_of(group, 0)
    arrive(page, lambda: press("j"))
    assert heading(page) == name_of(group, 1)
    arrive(page, lambda: press("k"))
    press("1")
    arrive(page, lambda: press("Enter"))
    assert heading(page) == name_of(group, 1)
    assert "1 通过" in page.locator(".basket").inner_text()

    press("3")
    press("e")
    page.keyboard.type("jk1 学历不符")
    assert page.locator("#id_reason").input_value() == "jk1 学历不符"
    assert heading(page) == name_of(group, 1)
    press("Escape")
    press("3")
    arrive(page, lambda: press("Enter"))
    assert heading(page) == name_of(group, 2)

    arrive(page, lambda: press("u"))
    assert heading(page) == name_of(group, 1)
    press("2")
    assert page.locator("details.items").get_attribute("open") is not None
    page.locator("#id_item_PHOTO").focus()
    page.keyboard.type("照片不清晰")
    arrive(page, lambda: press("Enter"))
    assert heading(page) == name_of(group, 2)
    press("1")
    arrive(page, lambda: press("Enter"))
    assert heading(page) == name_of(group, 3)
    assert Review.objects.count() == 0

    arrive(page, lambda: press("h"))
    assert "2 通过 · 1 退回补正" in page.locator("#main").inner_text()
    page.get_by_role("button", name="移交所选").focus()
    arrive(page, lambda: press("Enter"))
    assert "已移交 3 人" in page.locator("#main").inner_text()
    assert group.states() == ["FINAL_REVIEW", "RETURNED", "FINAL_REVIEW", "PRELIMINARY_REVIEW"]
    assert not PreparedOpinion.objects.standing().exists()


def tab_to(page, label):
    """Press Tab until the field, box, link or button of that name has the focus."""
    for _stop in range(120):
        page.keyboard.press("Tab")
        named = page.evaluate(
            "e => e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent",
            page.evaluate_handle("document.activeElement"),
        )
        if named.strip().startswith(label):
            return
    raise AssertionError(f"no stop at {label}")


def test_a_list_by_keyboard_and_what_was_done_is_not_done_again_from_the_page_before(bench):
    page, group = bench()
    press, said = page.keyboard.press, page.locator("#main")
    tab_to(page, "姓名、身份证号码或申报编号")
    page.keyboard.type(group.applications[2].number)
    arrive(page, lambda: press("Enter"))
    assert page.locator("input[name=ids]").count() == 1
    stale = page.context.new_page()
    stale.goto(page.url)
    tab_to(page, f"选择{name_of(group, 2)}")
    press("Space")
    tab_to(page, "批量通过所选")
    arrive(page, lambda: press("Enter"))
    assert "已拟定通过 1 人" in said.inner_text()

    tab_to(page, "核对并移交")
    arrive(page, lambda: press("Enter"))
    tab_to(page, "移交所选")
    arrive(page, lambda: press("Enter"))
    assert "已移交 1 人" in said.inner_text()
    arrive(page, page.go_back)
    if page.get_by_role("button", name="移交所选").count():
        arrive(page, page.get_by_role("button", name="移交所选").click)
    assert "已移交 1 人" not in said.inner_text()

    stale.get_by_label(f"选择{name_of(group, 2)}").check()
    arrive(stale, stale.get_by_role("button", name="批量通过所选").click)
    assert "未办理 1 人" in stale.locator("#main").inner_text()
    assert Review.objects.count() == 1
    assert not PreparedOpinion.objects.standing().exists()


def test_papers_switch_zoom_and_turn_by_key_and_by_button(bench):
    page, _group = bench()
    arrive(page, page.locator("a.opens").first.click)
    shown = page.locator(".paper:visible")
    assert shown.count() == 2
    page.keyboard.press("m")
    assert shown.count() == 1
    said = page.locator(".paper-said")
    before = page.locator(".paper:visible .paper-view img").bounding_box()
    page.keyboard.press("z")
    assert said.inner_text() == "125%"
    assert page.locator(".paper:visible .paper-view img").bounding_box()["width"] > before["width"]
    page.keyboard.press("r")
    assert "旋转 90°" in said.inner_text()
    page.get_by_role("button", name="还原").click()
    assert said.inner_text() == "100%"
    page.keyboard.press("/")
    page.keyboard.type("mmz")
    assert page.locator("#bar-search").input_value() == "mmz"


def test_the_keys_are_explained_and_can_be_stopped(bench):
    page, group = bench()
    arrive(page, page.locator("a.opens").first.click)
    assert not page.get_by_label("停用单键").is_visible()
    page.keyboard.press("?")
    page.get_by_label("停用单键").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("1")
    assert heading(page) == name_of(group, 0)
    assert page.locator("input[name=outcome]:checked").count() == 0


def test_a_reason_is_chosen_from_the_list_and_can_be_changed(bench):
    page, _group = bench()
    arrive(page, page.locator("a.opens").first.click)
    page.get_by_label("从常用理由中选").select_option(index=1)
    chosen = ReasonText.objects.filter(outcome="PROPOSE_REFUSAL").first()
    assert chosen.text in page.locator("#id_reason").input_value()


def test_everything_works_without_scripts(bench):
    page, group = bench(java_script_enabled=False)
    page.locator("a.opens").first.click()
    assert page.locator(".paper:visible").count() == page.locator(".paper").count() > 2
    assert page.locator(".paper a", has_text="查看原件").first.is_visible()
    page.get_by_label("拟不通过").check()
    page.get_by_label("从常用理由中选").select_option(index=1)
    page.get_by_role("button", name="拟定意见").click()
    assert heading(page) == name_of(group, 1)
    assert PreparedOpinion.objects.get().reason == ReasonText.objects.filter(outcome="PROPOSE_REFUSAL").first().wording
    page.get_by_role("button", name="撤回刚才的意见").click()
    assert heading(page) == name_of(group, 0)
    assert not PreparedOpinion.objects.standing().exists()


def test_the_bench_is_accessible_and_fits(bench, faults_of):
    page, _group = bench()
    arrive(page, page.locator("a.opens").first.click)
    page.keyboard.press("?")
    assert faults_of(page, "bench") == []
    page.get_by_label("通过", exact=True).check()
    arrive(page, page.get_by_role("button", name="拟定意见").click)
    assert faults_of(page, "bench-next") == []
