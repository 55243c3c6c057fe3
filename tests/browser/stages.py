"""The stages that every case passes, as the people of a walk take them."""

from dataclasses import dataclass
from datetime import date

from tests.browser.walking import Walk


@dataclass(frozen=True)
class Exam:
    """One session of a walk: who organises it (the prefix of the usernames), what, when, where; its first number."""

    prefix: str
    job_type: str
    day: date
    site: str
    practical: bool = True
    session: str = "KS-2026-0001"

    @property
    def rooms(self) -> tuple[str, ...]:
        return ("理论一考场", "实操一考场") if self.practical else ("理论一考场",)

    @property
    def staff(self) -> tuple[tuple[str, str, str], ...]:
        """Username, duty and room of everybody whom the rules ask for."""
        theory = [(f"{self.prefix}{name}", "监考员", "理论一考场") for name in ("jiankao", "jiankao2")]
        practical = [(f"{self.prefix}{name}", "考评员", "实操一考场") for name in ("kaoping", "kaoping2")]
        return (*theory, *practical) if self.practical else tuple(theory)


def announce(walk: Walk, exam: Exam) -> None:
    """The exam officer announces the session."""
    officer = walk.login(f"{exam.prefix}kaowu").go("考试场次", "公布场次")
    officer.choose(操作项目=exam.job_type, 考试点=exam.site).fill(计划容量="20", 理论考试日期=exam.day.isoformat())
    if exam.practical:
        officer.fill(实操考试日期=exam.day.isoformat()).choose(实操开始时间="13:30", 实操结束时间="16:30")
    officer.press("公布场次").reads(exam.session)


def plan_exam(walk: Walk, exam: Exam, title: str) -> None:
    """The organiser files its exam plan, the province takes note of it."""
    officer = walk.login(f"{exam.prefix}kaowu").go("考试计划", "编制考试计划")
    officer.fill(考试计划名称=title).tick(f"{exam.session} ").press("保存草稿")
    officer.follow("报送").press("报送").reads("已报送")
    province = walk.login("sheng-kaowu").go("考试计划", title, "签收或退回")
    province.tick("签收").press("提交答复").reads("已签收")


def arrange(walk: Walk, exam: Exam, names: dict[str, str], seated: int) -> None:
    """Rooms, staff, seats and tickets; ``names`` of the staff by username."""
    officer = walk.login(f"{exam.prefix}kaowu").go("考试场次", exam.session, "安排考场")
    for room in exam.rooms:
        officer.assign_room(room)
    officer.follow("返回场次").follow("安排考务人员")
    for username, duty, room in exam.staff:
        officer.assign_staff(names[username], duty, room)
    officer.follow(exam.session).press("安排座位").reads(f"20260001{seated:04d}", "准予参加考试")


def hold(walk: Walk, exam: Exam) -> None:
    """On the day: the officer notes that the exam begins; an invigilator finds the own room."""
    walk.on(exam.day, hour=8)
    walk.login(f"{exam.prefix}kaowu").go("考试场次", exam.session, "开考登记").press("确认开考").reads("已开考")
    walk.login(f"{exam.prefix}jiankao").go("我的考务").reads("理论一考场")


def examine(walk: Walk, exam: Exam, names: list[str], failing: str = "") -> None:
    """Theory, then practical, each entered by one and checked by another, then released."""
    walk.on(exam.day, hour=18)
    theory = {name: "88" if exam.practical or name != failing else "60" for name in names}
    walk.login(f"{exam.prefix}luru").go("成绩", exam.session).enter_results("理论", theory)
    checker = walk.login(f"{exam.prefix}fuhe").go("成绩", exam.session).press("复核无误")
    if exam.practical:
        practical = {name: ("10", "20", "15", "15") if name == failing else ("18", "34", "17", "18") for name in names}
        walk.login(f"{exam.prefix}luru").go("成绩", exam.session).enter_practical(practical)
        checker = walk.login(f"{exam.prefix}fuhe").go("成绩", exam.session).press("复核无误")
    checker.follow("公布成绩").press("公布成绩").reads("考试合格", *(["考试不合格"] if failing else []))


def license_all(walk: Walk, exam: Exam, names: list[str], days: tuple[date, date, date, date]) -> None:
    """The licence application through the platform, acceptance and check, decision, service, on four days."""
    applied, accepted, decided, served = days
    everybody = tuple(f"选择{name}" for name in names)
    walk.on(applied)
    officer = walk.login(f"{exam.prefix}kaowu").go("发证许可申请", "生成发证许可申请").press("生成")
    officer.fill(平台回执号="AQKS-2026-001").press("提交发证许可申请").reads("已提交")
    walk.on(accepted)
    clerk = walk.login("sheng-shouli").go("受理核对").tick(*everybody).press("受理所选")
    clerk.go("受理核对", "待核对").tick(*everybody).press("核对所选的成绩和名单")
    walk.on(decided)
    decider = walk.login("sheng-shenpi").go("作出决定").tick(*everybody).press("准予所选")
    decider.press("准予许可").reads(f"已准予许可 {len(names)} 人")
    walk.on(served)
    clerk = walk.login("sheng-shouli").go("许可决定").reads("云应急特种许准〔2026〕1号").tick(*everybody)
    clerk.choose(送达方式="由培训机构转交").fill(送达凭证="SD-2026-001").press("登记所选已送达").reads("已送达")


def hand_over_card(walk: Walk, window: str, name: str, number: str) -> None:
    """Somebody comes to a window with the identity card and leaves with the card."""
    clerk = walk.login(window).go("实体证书", "库存和制证登记")
    clerk.fill(起始流水号="K0001", 数量="20", 来源="省厅考试中心 JJ-2026-01").press("登记入库").reads("K0001")
    clerk.go("实体证书").fill(身份证号码=number)
    clerk.press("查找可在本窗口办理的操作证").press("登记申请").reads(name)
    clerk.follow_in_row(name, "制证").press("登记制证")
    clerk.follow_in_row(name, "发放").fill(身份证号码=number).press("核验一致，发放").reads("已领取")


def seal(walk: Walk, exam: Exam) -> None:
    """The organiser seals the dossier of the session."""
    officer = walk.login(f"{exam.prefix}kaowu").go("档案", "DA-2026-1").follow("封存").press("封存")
    officer.reads("已封存")
