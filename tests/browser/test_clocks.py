"""The pages about the clocks of a decision in a browser: accessible, no wider than the screen."""

import pytest

from approvals import extending, pausing
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, SERVED, ids_of, reconciled
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.walking import is_wider_than_the_screen


@pytest.fixture
def people(world) -> list[int]:
    """Four who wait for their decision: the first stands still, the limit of the second is extended, of the third
    proposed to be."""
    group = make_group(world, 4, state="CLEARED")
    take_exam(world, group)
    ids = ids_of(reconciled(world, group))
    maker = {"actor": world.user("sheng-shenpi"), "now": DECIDED}
    pausing.pause(applicant_ids=ids[:1], kind="HEARING", reason="申请人要求听证。", expected_on=DECIDED.date(), **maker)
    approved, _waits = extending.propose(applicant_ids=ids[1:3], reason="需要向外省发证机关核实原证书。", **maker)
    extending.approve(
        actor=world.user("sheng-fuze"), now=DECIDED, proposal_ids=[approved.row.pk], reason="情况属实，同意延长。"
    )
    return ids


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_are_accessible_and_fit(world, at, people, new_page, login_as, axe_violations, viewport):
    at(SERVED)
    page = new_page(viewport)
    found = {}
    paused, extended, proposed, free = people

    def look(name):
        page.wait_for_load_state("load")
        found[name] = axe_violations(page) + (["wider than the screen"] if is_wider_than_the_screen(page) else [])

    def visit(who, name, path):
        login_as(world.user(who), page)
        page.goto(f"/approvals/{path}")
        look(name)

    for who in ("sheng-shouli", "sheng-shenpi", "sheng-fuze", "shenji", "jigou"):
        visit(who, f"paused-{who}", f"applicants/{paused}/clocks/")
    visit("sheng-shenpi", "applicant", f"applicants/{proposed}/")
    visit("jigou", "extended", f"applicants/{extended}/clocks/")
    visit("jigou", "notices", "clocks/notices/")
    visit("sheng-shenpi", "desk", "clocks/")
    visit("sheng-shenpi", "resume", f"clocks/resume/?ids={paused}")
    visit("sheng-shenpi", "pause", f"clocks/pause/?ids={free}")
    page.click("text=中止计算并告知")
    look("pause-missing")
    visit("sheng-shenpi", "propose", f"clocks/extend/?ids={free}")
    visit("sheng-fuze", "extensions", "clocks/?tab=extensions")
    page.locator("input[name=proposal]").first.check()
    page.click("text=批准所选")
    look("decide")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
