"""The portal's pages in a browser: nothing inaccessible, nothing wider than the screen, everything by keyboard."""

from tests.browser.conftest import PHONE

FOR_ALL = [
    "/",
    "/plan/",
    "/rules/",
    "/calendar/",
    "/catalogue/",
    "/designations/",
    "/inbox/",
    "/password/",
    "/search/?q=张三",
    "/no-such-page/",
]


def test_pages_are_accessible_and_fit(world, page, login_as, faults_of):
    found = {}

    def look(path):
        page.goto(path)
        found[path] = faults_of(page, path.strip("/").replace("/", "-"))

    look("/login/")
    login_as(world.user("jigou"), page)
    for path in FOR_ALL:
        look(path)
    login_as(world.user("guanli"), page)
    look("/components/")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_login_and_logout_by_keyboard(world, page):
    user = world.user("jigou")
    user.set_password("right-password-1")
    user.save()
    page.goto("/")
    page.keyboard.type("jigou")
    page.keyboard.press("Tab")
    page.keyboard.type("right-password-1")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="待办", level=1).wait_for()
    page.get_by_role("button", name="退出").press("Enter")
    page.wait_for_url("**/login/")


def test_the_skip_link_is_the_first_stop(world, page, login_as):
    login_as(world.user("jigou"))
    page.goto("/rules/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_opens_without_scripts(world, new_page, login_as):
    page = new_page(PHONE, java_script_enabled=False)
    login_as(world.user("jigou"), page)
    page.goto("/")
    page.get_by_text("菜单", exact=True).click()
    page.locator(".menu").get_by_role("link", name="规则", exact=True).click()
    page.wait_for_url("**/rules/")


def test_the_demonstration_steps_a_day(world, page, login_as):
    login_as(world.user("jigou"))
    page.goto("/calendar/")
    page.get_by_role("button", name="前进一天").click()
    page.get_by_text("演示时钟已前进到").wait_for()
    assert page.url.endswith("/calendar/")
