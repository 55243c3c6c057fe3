"""A walk through the system as its users take it: each logs in as themselves and finds the way by what is written.

Time is moved between the steps; the live server's threads live in the same process and see it.
"""

import re
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as Timeout

from approvals.demonstration.accounts import PASSWORD
from approvals.demonstration.papers import paper
from approvals.demonstration.people import InventedPerson
from approvals.demonstration.training_acts import SHEET, roster_workbook
from certification.clock import SHANGHAI
from exams.models import MaterialKind

INITIAL_PAPERS = ("照片", "身份证件", "学历证书", "健康承诺书", "个人信息同意书", "学时证明")
RENEWAL_PAPERS = ("照片", "身份证件", "健康承诺书", "个人信息同意书", "原操作证")
_KINDS = {kind.label: kind for kind in MaterialKind}
_MAIN = "#main"


class Walk:
    """Pages of one walk, each person's in a browser of their own."""

    def __init__(self, new_page, traveller):
        self._new_page, self._traveller = new_page, traveller
        self._seats: dict[str, Walker] = {}

    def on(self, day: date, hour: int = 10, minute: int = 0) -> None:
        """Let it be that time of ``day``."""
        self._traveller.move_to(datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI))

    def login(self, username: str) -> "Walker":
        """Somebody sits down at a browser of their own and logs in through the form; all others have gone."""
        for walker in self._seats.values():
            walker.page.context.close()
        self._seats = {username: self._sit_down(username)}
        return self._seats[username]

    def beside(self, username: str) -> "Walker":
        """Somebody who stays logged in, while others work at theirs: who sat down already goes on there."""
        if username not in self._seats:
            self._seats[username] = self._sit_down(username)
        return self._seats[username]

    def _sit_down(self, username: str) -> "Walker":
        page = self._new_page()
        page.goto("/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.get_by_role("heading", name="待办", level=1).wait_for()
        return Walker(page)


class Walker:
    """One person at one browser. Methods name what is clicked, filled in or read, by its visible text."""

    def __init__(self, page):
        self.page = page
        self.main = page.locator(_MAIN)

    def go(self, *links: str) -> "Walker":
        """Follow links, the first in the navigation, the others on the page."""
        first, *others = links
        self.page.get_by_role("navigation").get_by_role("link", name=first, exact=True).first.click()
        self._arrived()
        for link in others:
            self.follow(link)
        return self

    def follow(self, link: str, *, exact: bool = False) -> "Walker":
        """Follow the first link on the page whose text holds ``link``, or is just that."""
        return self._click(self.main.get_by_role("link", name=link, exact=exact).first)

    def open_first(self) -> "Walker":
        """Open the first row of a list whose rows open."""
        return self._click(self.main.locator("a.opens").first)

    def press(self, button: str) -> "Walker":
        """Press a button of the page."""
        return self._click(self.main.get_by_role("button", name=button, exact=True).first)

    def fill(self, **fields: str) -> "Walker":
        """Fill in fields by their labels."""
        for label, value in fields.items():
            field = self._field(label)
            self._here(lambda field=field, value=value: field.fill(value))
        return self

    def choose(self, **fields: str) -> "Walker":
        """Choose in lists by their labels the first option whose text holds the value."""
        for label, text in fields.items():
            box = self._field(label)
            option = box.locator("option", has_text=text).first
            self._here(lambda box=box, option=option: box.select_option(option.get_attribute("value")))
        return self

    def tick(self, *labels: str) -> "Walker":
        """Tick boxes and buttons by their labels."""
        for label in labels:
            name = re.compile(f"^{re.escape(label)}")
            box = self.main.get_by_role("checkbox", name=name).or_(self.main.get_by_role("radio", name=name)).first
            self._here(lambda box=box: _check(box))
        return self

    def tick_only(self, *labels: str) -> "Walker":
        """Tick these boxes and untick all others."""
        for box in self.main.get_by_role("checkbox").all():
            box.uncheck()
        return self.tick(*labels)

    def upload(self, label: str, *files: tuple[str, str, bytes]) -> "Walker":
        """Give files (name, type, content) to an upload field."""
        payload = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
        self.main.get_by_label(re.compile(f"^{re.escape(label)}")).first.set_input_files(payload)
        return self

    def reads(self, *texts: str) -> "Walker":
        """The page says each of the texts."""
        for text in texts:
            if text not in self.main.inner_text():
                raise AssertionError(f"{text} is not on {self.page.url}\n{self.main.aria_snapshot()}")
        return self

    def rows(self, caption: str) -> list[str]:
        """The rows below the head of a table, each as its text, a tab between cells."""
        return self.main.get_by_role("table", name=caption, exact=True).locator("tbody tr").all_inner_texts()

    def save_as(self, link: str) -> bytes:
        """What a link of the page sends as a file."""
        with self.page.expect_download() as download:
            self.main.get_by_role("link", name=link).first.click()
        return Path(download.value.path()).read_bytes()

    def file_plan(
        self,
        kind: str,
        job_type: str,
        days: tuple[date, date, date],
        teacher: InventedPerson,
        hours: tuple[str, str] | None = None,
    ) -> "Walker":
        """Write a plan and file it; ``hours`` on site and online, where they are others than the usual ones."""
        start, end, exam = (day.isoformat() for day in days)
        onsite, online = hours or ("148" if kind == "初训" else "16", "")
        self.go("培训计划", "新建").choose(培训类型=kind, 操作项目=job_type)
        self.fill(开班日期=start, 结班日期=end, 拟考试日期=exam, 班级容量="30", 培训地点="教学楼201室")
        self.fill(线下学时=onsite, 线上学时=online)
        self.fill(**{"教师1 姓名": teacher.name, "教师1 身份证号码": teacher.number})
        return self.press("下一步：核对后报备").press("报备")

    def upload_roster(self, people: list[InventedPerson], job_type: str, today: date) -> "Walker":
        """Send the filled-in template and confirm what it comes to."""
        content = roster_workbook(people, job_type, today)
        self.upload("名单文件", ("学员名单.xlsx", SHEET, content)).press("上传并核对")
        return self.press("报送名单")

    def upload_papers(self, people: list[InventedPerson], papers: tuple[str, ...]) -> "Walker":
        """Send the papers of a whole class, kind by kind, named by identity number."""
        self.follow("批量上传材料")
        for label in papers:
            files = [
                (f"{one.number}.jpg", "image/jpeg", paper(_KINDS[label], place)[1]) for place, one in enumerate(people)
            ]
            self.choose(材料=label).upload("文件", *files).press("上传")
        return self.follow("返回班级")

    def upload_archive(self, people: list[InventedPerson], papers: tuple[str, ...]) -> "Walker":
        """Send the papers of a whole class in one archive: a folder for each paper, files named by identity number."""
        source = BytesIO()
        with ZipFile(source, "w") as archive:
            for label in papers:
                for place, one in enumerate(people):
                    archive.writestr(f"{label}/{one.number}.jpg", paper(_KINDS[label], place)[1])
        self.follow("批量上传材料").upload("文件", ("材料.zip", "application/zip", source.getvalue())).press("上传")
        return self.reads(f"已上传 {len(people) * len(papers)} 份材料").follow("返回班级")

    def pass_class(self, of: str, number: int) -> "Walker":
        """Pass a whole class on the review list: so many people."""
        self.go("资格审核").fill(班级=of).press("筛选").tick("全选")
        return self.press("批量通过所选").reads(f"已拟定通过 {number} 人")

    def give_opinion(self, name: str, opinion: str, reason: str = "") -> "Walker":
        """Open somebody's case on the bench and give one opinion."""
        self.follow(name).tick(opinion)
        if reason:
            self.fill(理由=reason)
        return self.press("拟定意见，转到下一件")

    def hand_over(self, number: int) -> "Walker":
        """Hand over everything that was prepared: so many people."""
        self.page.goto("/approvals/reviews/hand-over/")
        return self.press("移交所选").reads(f"已移交 {number} 人")

    def assign_staff(self, name: str, duty: str, room: str) -> "Walker":
        """Give somebody a duty in a room."""
        return self.choose(考场=room, 人员=f"{name}（", 职责=duty).press("安排")

    def enter_results(self, part: str, scores: dict[str, str]) -> "Walker":
        """Enter the score of each candidate in the theory part."""
        self.follow_in_row(part, "录入").fill(**{f"{name} 成绩": score for name, score in scores.items()})
        return self.press("保存成绩")

    def enter_practical(self, scores: dict[str, tuple[str, ...]]) -> "Walker":
        """Enter the four subscores of each candidate in the practical part."""
        self.follow_in_row("实操", "录入")
        for name, points in scores.items():
            self.fill(**{f"{name} K{number}": point for number, point in enumerate(points, start=1)})
        return self.press("保存成绩")

    def follow_in_row(self, row: str, link: str) -> "Walker":
        """Follow a link in the row of a table whose head or text begins with ``row``."""
        place = self.main.get_by_role("row", name=re.compile(f"^{re.escape(row)}")).first
        return self._click(place.get_by_role("link", name=link).first)

    def _field(self, label: str):
        return self.main.get_by_label(re.compile(f"^\\s*{re.escape(label)}")).filter(visible=True).first

    def _click(self, control) -> "Walker":
        self._here(control.click)
        self._arrived()
        return self

    def _here(self, act) -> None:
        """Do something with this page; where that fails, say what the page shows."""
        try:
            act()
        except Timeout as problem:
            raise AssertionError(f"{problem}\n{self.page.url}\n{self.main.aria_snapshot()}") from problem

    def _arrived(self) -> None:
        self.page.wait_for_load_state()


def _check(box) -> None:
    """Tick the box; where the page moved under the pointer and the click missed, once more, as people do."""
    try:
        box.check()
    except Timeout:
        raise
    except Error:
        box.check()


def is_wider_than_the_screen(page) -> bool:
    """Whether the page would have to be pushed sideways; asked of the page that a click led to, not of the one
    before."""
    page.wait_for_load_state("load")
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
