"""The stages that every case passes, as the people of a walk take them."""

from dataclasses import dataclass
from datetime import date

from tests.browser.walking import Walk, Walker


@dataclass(frozen=True)
class Room:
    """A room of an exam, and who has which duty in it, by their usernames."""

    name: str
    duty: str
    staff: tuple[str, str]


@dataclass(frozen=True)
class Exam:
    """One session of a walk: who organises it (the prefix of the usernames), what, when, where; which parts are sat;
    its number; for how many, in how many rooms for each part."""

    prefix: str
    job_type: str
    day: date
    site: str
    practical: bool = True
    theory: bool = True
    session: str = "KS-2026-0001"
    capacity: int = 20
    each: int = 1

    @property
    def theory_rooms(self) -> tuple[Room, ...]:
        """With the staff that the rules ask for; the second room's is the province's."""
        return self._rooms("机房", "监考员", "jiankao") if self.theory else ()

    @property
    def practical_rooms(self) -> tuple[Room, ...]:
        return self._rooms("实训区", "考评员", "kaoping") if self.practical else ()

    @property
    def rooms(self) -> tuple[Room, ...]:
        return (*self.theory_rooms, *self.practical_rooms)

    def _rooms(self, kind: str, duty: str, who: str) -> tuple[Room, ...]:
        prefixes = zip("一二"[: self.each], (self.prefix, "sheng-"), strict=False)
        return tuple(Room(f"{place}号{kind}", duty, (f"{pre}{who}", f"{pre}{who}2")) for place, pre in prefixes)


def announce(walk: Walk, *exams: Exam) -> None:
    """The exam officer announces the sessions."""
    officer = walk.login(f"{exams[0].prefix}kaowu")
    for exam in exams:
        day = exam.day.isoformat()
        officer.go("考试场次", "公布场次").choose(操作项目=exam.job_type, 考试点=exam.site)
        officer.fill(计划容量=str(exam.capacity), 理论考试日期=day)
        if exam.practical:
            officer.fill(实操考试日期=day).choose(实操开始时间="13:30", 实操结束时间="16:30")
        officer.press("公布场次").reads(exam.session)


def plan_exam(walk: Walk, exam: Exam, title: str, *others: Exam) -> None:
    """The organiser files one exam plan with its sessions, the province takes note of it."""
    officer = walk.login(f"{exam.prefix}kaowu").go("考试计划", "编制考试计划").fill(考试计划名称=title)
    officer.tick(*(f"{one.session} " for one in (exam, *others))).press("保存草稿")
    officer.follow("报送").press("报送").reads("已报送")
    province = walk.login("sheng-kaowu").go("考试计划", title, "签收或退回")
    province.tick("签收").press("提交答复").reads("已签收")


def arrange(walk: Walk, exam: Exam, names: dict[str, str], seated: int) -> Walker:
    """Rooms, staff, seats and tickets; ``names`` of the staff by username."""
    officer = walk.login(f"{exam.prefix}kaowu").go("考试场次", exam.session, "安排考场")
    officer.tick(*(room.name for room in exam.rooms)).press("保存考场安排")
    officer.follow("返回场次").follow("安排考务人员")
    for room in exam.rooms:
        for username in room.staff:
            officer.assign_staff(names[username], room.duty, room.name)
    last = f"{exam.session[3:].replace('-', '')}{seated:04d}"
    return officer.follow(exam.session).press("安排座位").reads(last, "准予参加考试")


def hold(walk: Walk, exam: Exam) -> None:
    """On the day: the officer notes that the exam begins; an invigilator finds the own room."""
    walk.on(exam.day, hour=8)
    walk.login(f"{exam.prefix}kaowu").go("考试场次", exam.session, "开考登记").press("确认开考").reads("已开考")
    walk.login(f"{exam.prefix}jiankao").go("我的考务").reads("一号机房")


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
    apply_for_licences(walk, exam, "AQKS-2026-001")
    accept(walk, accepted, *everybody)
    walk.on(decided)
    decider = walk.login("sheng-shenpi").go("作出决定").tick(*everybody).press("准予所选")
    decider.press("准予许可").reads(f"已准予许可 {len(names)} 人")
    clerk = serve(walk, served, *everybody).reads("已送达")
    clerk.go("许可决定").reads("云应急特种许准〔2026〕1号")


def apply_for_licences(walk: Walk, exam: Exam, receipt: str) -> Walker:
    """The organiser makes the file for the national platform and notes the platform's receipt."""
    officer = walk.login(f"{exam.prefix}kaowu").go("发证许可申请").follow_in_row(exam.session, "生成发证许可申请")
    officer.press("生成").fill(平台回执号=receipt)
    return officer.press("提交发证许可申请").reads("已提交")


def accept(walk: Walk, day: date, *whom: str) -> None:
    """The province accepts those who are ticked, and checks their scores and names."""
    walk.on(day)
    clerk = walk.login("sheng-shouli").go("受理核对").tick(*whom).press("受理所选")
    clerk.go("受理核对", "待核对").tick(*whom).press("核对所选的成绩和名单")


def serve(walk: Walk, day: date, *whom: str) -> Walker:
    """The decisions of those who are ticked are handed over by their institutions."""
    walk.on(day)
    clerk = walk.login("sheng-shouli").go("许可决定").tick(*whom)
    return clerk.choose(送达方式="由培训机构转交").fill(送达凭证="SD-2026-001").press("登记所选已送达")


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
