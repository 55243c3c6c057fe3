"""Sixty people of two institutions in one session and a retake, from the plan to the sealed dossier of each and its
proof offline.

Two cities' classes meet in one session, since one city's bureau organises refrigeration for both. Five people do not
come, one sends somebody else, one uses a telephone, three fail in theory, one fails in practice and passes the retake,
one is refused the licence. Everybody acts by their own login, and at each stage the numbers of the pages add up.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from openpyxl import load_workbook

from approvals.demonstration.people import InventedPerson
from approvals.demonstration.training_acts import SHEET
from certification.spreadsheets.writing import workbook
from tests.approvals.exports import changed, verify_offline
from tests.browser import exam_days, stages
from tests.browser.exam_days import Incident
from tests.browser.stages import Room
from tests.browser.walking import INITIAL_PAPERS, Walk, Walker

JOB_TYPE = "制冷与空调设备安装修理作业"
FILED, STARTS, ENDS = date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 18)
SITE = "青屏市安全生产考试点"
EXAM = stages.Exam("shi-", JOB_TYPE, date(2026, 4, 14), SITE, capacity=60, each=2)
RETAKE = stages.Exam("shi-", JOB_TYPE, date(2026, 4, 22), SITE, theory=False, session="KS-2026-0002")
MORNING, AFTERNOON = ("09:00", "11:00"), ("13:30", "16:30")
PASSING, FAILING = (18, 34, 17, 18), (10, 20, 15, 15)


@dataclass(frozen=True)
class Class:
    """One institution's class of thirty, with its teacher."""

    filer: str
    number: str
    teacher: InventedPerson
    people: list[InventedPerson]


@dataclass(frozen=True)
class Fates:
    """What becomes of whom."""

    impersonated: InventedPerson
    caught: InventedPerson
    absent: list[InventedPerson]
    failing_theory: list[InventedPerson]
    retaking: InventedPerson
    unfit: InventedPerson

    def came(self, people: list[InventedPerson]) -> list[InventedPerson]:
        """Who of ``people`` came to the theory."""
        return [one for one in people if one not in self.absent]

    def due_in_practice(self, people: list[InventedPerson]) -> list[InventedPerson]:
        """Who of ``people`` has passed the theory."""
        out = (self.impersonated, self.caught, *self.failing_theory)
        return [one for one in self.came(people) if one not in out]


def _schedule(teacher: str) -> bytes:
    head = ["日期", "开始时间", "结束时间", "学时", "类别", "方式", "课程内容", "教师", "场地"]
    onsite = [teacher, "教学楼201室"]
    return workbook(
        head,
        [
            ["2026-03-16", "08:30", "17:30", "8", "理论", "线下", "制冷原理和安全用电", *onsite],
            ["2026-03-17", "08:30", "17:30", "8", "实操", "线下", "制冷管路安装和检漏", *onsite],
            ["2026-03-18", "08:30", "17:30", "8", "理论", "线上", "法律法规和事故案例", "", ""],
        ],
        text_columns=["开始时间", "结束时间"],
    )


def _online(people: list[InventedPerson]) -> bytes:
    rows = [[one.name, one.number, "8", "2026-03-18", "2026-03-18"] for one in people]
    return workbook(["姓名", "身份证号码", "线上学时", "起始日期", "截止日期"], rows, text_columns=["身份证号码"])


def _file_class(walk: Walk, one: Class) -> None:
    """The plan, filed; a venue; the schedule of its three days."""
    filer = walk.login(one.filer).file_plan("初训", JOB_TYPE, (STARTS, ENDS, EXAM.day), one.teacher, ("16", "8"))
    filer.reads(one.number, "青屏市应急管理局", "云岭省应急管理厅考试中心")
    filer.go("师资场地", "登记场地").fill(场地="教学楼201室", 容纳人数="30").press("保存")
    filer.go("培训计划", JOB_TYPE, "课程表", "上传课程表")
    filer.upload("文件", ("课程表.xlsx", SHEET, _schedule(one.teacher.name))).press("上传并排课").reads("已排课 3 次")


def _teach(walk: Walk, one: Class) -> None:
    """The attendance of both days on site, the hours online, then the applications with all papers."""
    filer = walk.login(one.filer)
    for _lesson in range(2):
        filer.go("课程考勤", "未签到的课").follow("签到", exact=True).press("登记签到").reads("应到 30 人，实到 30 人")
    filer.go("培训计划", JOB_TYPE, "考勤学时", "导入线上学时").fill(学习平台="云岭安培在线")
    filer.upload("文件", ("线上学时.xlsx", SHEET, _online(one.people))).press("核对并导入").reads("30/30 人")
    filer.go("考试申报", JOB_TYPE).choose(申报场次=EXAM.session).press("生成申报")
    filer.upload_archive(one.people, INITIAL_PAPERS).press("提交申报").reads("提交申报：30 人办理成功")


def _file_all(walk: Walk, classes: list[Class]) -> None:
    """Both sessions are announced; both classes are filed, and both tiers take note."""
    walk.on(FILED)
    stages.announce(walk, EXAM, RETAKE)
    _enlarge_rooms(walk.beside("shi-kaowu"))
    for one in classes:
        _file_class(walk, one)
    for username in ("shi-shenhe", "sheng-shenhe"):
        walk.login(username).go("培训计划").tick("全选").press("签收所选计划").reads("已签收 2 个")


def _train_and_apply(walk: Walk, classes: list[Class]) -> None:
    """The rosters on the first day; on the last the attendance and the applications."""
    walk.on(STARTS)
    for one in classes:
        filer = walk.login(one.filer).go("培训计划", JOB_TYPE, "报送学员名单")
        filer.upload_roster(one.people, JOB_TYPE, STARTS).reads("名单第 1 版已报送，共 30 人")
    walk.on(ENDS, hour=18)
    for one in classes:
        _teach(walk, one)


def _enlarge_rooms(officer: Walker) -> None:
    """Sixty need more places than the site has."""
    for room in ("二号机房", "一号实训区", "二号实训区"):
        officer.go("考试点", SITE, room).fill(座位="30").press("保存").reads(f"已保存考场“{room}”")


def _review(walk: Walk, classes: list[Class]) -> None:
    """The city passes both classes and hands them over, then the province."""
    for day, username in ((date(2026, 3, 20), "shi-shenhe"), (date(2026, 3, 24), "sheng-shenhe")):
        walk.on(day)
        reviewer = walk.login(username)
        for one in classes:
            reviewer.pass_class(one.number, 30)
        reviewer.hand_over(60)


def _incidents(fates: Fates, stranger: InventedPerson) -> tuple[Incident, Incident]:
    first, second = (f"理论 {room.name}" for room in EXAM.theory_rooms)
    return (
        Incident(
            fates.impersonated,
            "由他人冒名顶替参加考试",
            first,
            "2026-04-14T09:30",
            "答卷时复核照片，发现应试人不是考生本人，公安机关核实为他人持考生身份证入场。",
            "考生到场后承认请人代考。",
            "本场次全部成绩无效",
            impostor=(stranger.name, stranger.number),
            barred=True,
        ),
        Incident(
            fates.caught,
            "使用通讯工具、作弊器材或者夹带资料",
            second,
            "2026-04-14T09:35",
            "考生在座位下使用手机查找答案，监考员当场收存手机。",
            "承认使用手机。",
            "该科成绩无效",
        ),
    )


def _settle(walk: Walk, numbers: list[str], incidents: tuple[Incident, Incident]) -> None:
    """What follows is proposed by the officer and decided by the head, and they are told; the bar is the
    province's."""
    officer, head = walk.beside("shi-kaowu"), walk.beside("shi-fuze")
    for number, incident in zip(numbers, incidents, strict=True):
        exam_days.propose(officer, number, incident)
        exam_days.decide(head, number)
        exam_days.tell(officer, number, EXAM.day)
    name = incidents[0].whose.name
    chief = walk.beside("sheng-fuze").go("禁考名单", name, "作出禁考决定").fill(决定意见="证据确凿，同意禁考。")
    chief.press("作出禁考决定").reads("禁考中")


def _sit_theory(walk: Walk, fates: Fates, classes: list[Class], incidents: tuple[Incident, Incident]) -> None:
    """Five do not come, two are caught; what follows is decided before noon, and the scores are in."""
    walk.on(EXAM.day, hour=8)
    officer = walk.login("shi-kaowu").go("考试场次", EXAM.session, "开考登记").reads("准考60人")
    officer.press("确认开考").reads("已开考")
    _through_doors(walk, EXAM.theory_rooms, [fates.came(one.people) for one in classes], hour=8)
    walk.on(EXAM.day, hour=9, minute=40)
    guards = [walk.beside(room.staff[0]) for room in EXAM.theory_rooms]
    for guard, one in zip(guards, classes, strict=True):
        exam_days.close_door(guard, [person for person in one.people if person in fates.absent])
    numbers = [exam_days.report(guard, one) for guard, one in zip(guards, incidents, strict=True)]
    exam_days.tour(walk.beside("sheng-xunkao"), SITE)
    walk.on(EXAM.day, hour=11, minute=10)
    for room in EXAM.theory_rooms:
        exam_days.record_room(walk, room, MORNING, "一名考生违纪，已另行报告。")
    _settle(walk, numbers, incidents)
    scores = {person.name: {"成绩": 88} for one in classes for person in fates.came(one.people)}
    scores |= {one.name: {"成绩": 60} for one in (fates.caught, *fates.failing_theory)}
    _mark(walk, "理论", scores, 60)


def _sit_practice(walk: Walk, fates: Fates, classes: list[Class]) -> None:
    """Fifty are due, all come, one fails."""
    due = [fates.due_in_practice(one.people) for one in classes]
    _through_doors(walk, EXAM.practical_rooms, due, hour=13)
    walk.on(EXAM.day, hour=13, minute=50)
    for room in EXAM.practical_rooms:
        exam_days.close_door(walk.beside(room.staff[0]), [])
    walk.on(EXAM.day, hour=17)
    for room in EXAM.practical_rooms:
        exam_days.record_room(walk, room, AFTERNOON)
    exam_days.note_recording(walk.beside("shi-kaowu"), EXAM.session)
    scores = {one.name: _subscores(PASSING) for people in due for one in people}
    scores[fates.retaking.name] = _subscores(FAILING)
    _mark(walk, "实操", scores, 50)


def _scores(template: bytes, values: dict[str, dict]) -> bytes:
    """The workbook of a part, filled in: the values of each name by their columns."""
    book = load_workbook(BytesIO(template))
    sheet = book["数据"]
    rows = sheet.iter_rows()
    head = [cell.value for cell in next(rows)]
    for row in rows:
        for column, value in values.get(row[1].value, {}).items():
            row[head.index(column)].value = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _through_doors(walk: Walk, rooms: tuple[Room, ...], came: list[list[InventedPerson]], hour: int) -> None:
    """Half an hour before the exam each room's people come to its door."""
    walk.on(EXAM.day, hour=hour, minute=10)
    for room, people in zip(rooms, came, strict=True):
        exam_days.let_in(exam_days.take_duty(walk, room), people).reads(f"已到 {len(people)}")


def _subscores(points: tuple[int, ...]) -> dict[str, int]:
    return {f"K{number}": value for number, value in enumerate(points, start=1)}


def _mark(walk: Walk, part: str, values: dict[str, dict], number: int) -> None:
    """The clerk fills in the workbook of a part and has it read; somebody else confirms what was entered."""
    clerk = walk.beside("shi-luru").go("成绩", EXAM.session).follow_in_row(part, "导入文件")
    content = _scores(clerk.save_as(f"下载本场次{part}成绩表"), values)
    clerk.upload("成绩文件", (f"{part}成绩.xlsx", SHEET, content)).press("上传并核对")
    clerk.reads(f"新增 {number}", "有误 0").press("录入成绩").reads(f"已录入 {number} 人的{part}成绩")
    walk.beside("shi-fuhe").go("成绩", EXAM.session).press("复核无误").reads(f"成绩已复核，共 {number} 人")


def _retake(walk: Walk, one: InventedPerson) -> None:
    """The theory stands from the first session; the practical part is taken again, and passed."""
    walk.on(RETAKE.day, hour=8)
    walk.login("shi-kaowu").go("考试场次", RETAKE.session, "开考登记").press("确认开考").reads("已开考")
    (room,) = RETAKE.practical_rooms
    walk.on(RETAKE.day, hour=13, minute=10)
    guard = exam_days.let_in(exam_days.take_duty(walk, room), [one])
    walk.on(RETAKE.day, hour=13, minute=50)
    exam_days.close_door(guard, [])
    walk.on(RETAKE.day, hour=17)
    exam_days.record_room(walk, room, AFTERNOON)
    exam_days.note_recording(walk.beside("shi-kaowu"), RETAKE.session)
    points = {one.name: tuple(str(value) for value in PASSING)}
    walk.beside("shi-luru").go("成绩", RETAKE.session).reads("有效期内结转").enter_practical(points)
    checker = walk.beside("shi-fuhe").go("成绩", RETAKE.session).press("复核无误")
    checker.follow("公布成绩").press("公布成绩").reads("考试合格")


def _license(walk: Walk, unfit: InventedPerson) -> None:
    """Fifty are accepted and checked; one is refused, drafted by one official and confirmed by another; the rest are
    granted; all are served."""
    stages.accept(walk, date(2026, 4, 27), "全选")
    walk.on(date(2026, 4, 28))
    decider = walk.login("sheng-shenpi").go("作出决定").follow_in_row(f"选择{unfit.name}", "不予许可")
    decider.fill(
        事实="经调取县级医院病历核实，申请人患有癫痫病，两年内发作三次。",
        依据="《特种作业人员安全技术培训考核管理规定》第四条第二项。",
        理由="癫痫病属于妨碍从事相应特种作业的疾病，不符合该项条件。",
    )
    decider.press("提出不予许可的拟办意见").reads("等待第二名工作人员复核")
    second = walk.login("sheng-shenpi2").go("复核和批准").tick(f"选择{unfit.name}").fill(意见="情况属实，同意。")
    second.press("批准所选并作出决定").reads("已批准并作出决定 1 人")
    decider = walk.login("sheng-shenpi").go("作出决定").tick("全选").press("准予所选").reads("以下 49 人")
    decider.press("准予许可").reads("已准予许可 49 人")
    clerk = stages.serve(walk, date(2026, 4, 29), "全选").reads("已送达 50 人")
    clerk.go("许可决定").reads("云应急特种许准〔2026〕49号", "云应急特种不许〔2026〕1号")


def _seal_and_prove(walk: Walk, folder: Path) -> None:
    """Nothing is missing in the dossier of either session; each is sealed, and what goes out proves itself where there
    is no server, and tells what was changed, is missing or was added."""
    officer = walk.login("shi-kaowu")
    # The worker's part is done within the request here: two hundred pages are made.
    officer.page.set_default_timeout(180_000)
    for number in ("DA-2026-1", "DA-2026-2"):
        file, digest = _seal_and_export(officer, number, folder)
        status, said = verify_offline(file, digest)
        assert (status, f"{number}完好" in said[0], "与给出的一致" in said[-1]) == (0, True, True), said
    with ZipFile(file) as whole:
        picture = next(name for name in whole.namelist() if name.endswith(".jpg"))
        content = whole.read(picture)
    for other, fault in (
        ({"replace": {picture: content[:-1] + bytes([content[-1] ^ 1])}}, f"被改动：{picture}"),
        ({"drop": [picture]}, f"缺少：{picture}"),
        ({"add": {"session/more.txt": b"x"}}, "多出：session/more.txt（目录中没有）"),
    ):
        assert verify_offline(changed(file, **other), digest) == (1, [fault, f"{number}：1 处与封存时不一致。"])


def _seal_and_export(officer: Walker, number: str, folder: Path) -> tuple[Path, str]:
    """The file that goes out, and the digest that stands on the page."""
    officer.go("档案", number).follow("封存").reads("资料齐全，没有缺项").press("封存").reads("已封存")
    file = folder / f"{number}.zip"
    file.write_bytes(officer.save_as("导出全卷"))
    return file, officer.main.locator(".hash").first.inner_text()


def _counted(walker: Walker, caption: str) -> Counter:
    """The last cells of a table, counted."""
    return Counter(row.split("\t")[-1].strip() for row in walker.rows(caption))


def test_sixty_people_from_the_plan_to_the_sealed_dossiers(world, walk, staff_names, tmp_path):
    stranger, *teachers = world.invented(3)
    people = world.invented(60)
    ours, theirs = people[:30], people[30:]
    fates = Fates(ours[0], theirs[0], [*ours[1:3], *theirs[1:4]], [ours[3], *theirs[4:6]], theirs[6], ours[4])
    classes = [
        Class("jigou", "PX-2026-0001", teachers[0], ours),
        Class("lanxi-jigou", "PX-2026-0002", teachers[1], theirs),
    ]
    assert len({one.name for one in people}) == 60

    _file_all(walk, classes)
    _train_and_apply(walk, classes)
    stages.plan_exam(walk, EXAM, "2026年4月制冷作业考试计划", RETAKE)
    _review(walk, classes)
    walk.on(date(2026, 4, 1))
    assert len(stages.arrange(walk, EXAM, staff_names, seated=60).rows("考生名单")) == 60
    _sit_theory(walk, fates, classes, _incidents(fates, stranger))
    _sit_practice(walk, fates, classes)
    checker = walk.beside("shi-fuhe").follow("公布成绩").press("公布成绩")
    assert _counted(checker, "考生成绩") == {"考试合格": 49, "考试不合格": 6, "缺考": 5}

    walk.on(date(2026, 4, 15))
    officer = walk.login("shi-kaowu").go("补考名单")
    assert _counted(officer, "补考名单") == {"待安排补考，2027年4月14日前": 10, "在禁考期内": 1}
    officer.go("待安排考试").tick(f"选择{fates.retaking.name}").choose(安排到场次=RETAKE.session)
    officer.press("安排所选人员").reads("已安排 1 人")
    stages.arrange(walk, RETAKE, staff_names, seated=1)
    _retake(walk, fates.retaking)

    walk.on(date(2026, 4, 24))
    for place, (exam, number) in enumerate(((EXAM, 49), (RETAKE, 1)), start=1):
        officer = stages.apply_for_licences(walk, exam, f"AQKS-2026-{place:03d}")
        assert len(officer.rows("人员")) == number
    _license(walk, fates.unfit)
    assert [len(walk.login(one.filer).go("证书").rows("操作证")) for one in classes] == [25, 24]
    stages.hand_over_card(walk, "chuangkou", ours[5].name, ours[5].number)
    _seal_and_prove(walk, tmp_path)
