"""Category 1, INITIAL: filed with the province alone, reviewed directly, the card from the provincial hall."""

from datetime import date

from approvals.models import Dossier
from approvals.states import DossierState
from tests.browser import stages
from tests.browser.walking import INITIAL_PAPERS

JOB_TYPE = "氧化工艺作业"
FILED, STARTS, ENDS = date(2026, 3, 2), date(2026, 3, 16), date(2026, 4, 3)
EXAM = stages.Exam("sheng-", JOB_TYPE, date(2026, 4, 14), "云岭省安全生产考试基地")


def test_the_province_reviews_directly(world, walk, staff_names):
    teacher, *people = world.invented(3)
    names = [one.name for one in people]

    walk.on(FILED)
    stages.announce(walk, EXAM)
    filer = walk.login("jigou3").file_plan("初训", JOB_TYPE, (STARTS, ENDS, EXAM.day), teacher)
    filer.reads("PX-2026-0001", "云岭省应急管理厅考试中心")
    assert "青屏市应急管理局" not in filer.main.inner_text()
    walk.login("sheng-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")

    walk.on(STARTS)
    filer = walk.login("jigou3").go("培训计划", JOB_TYPE, "报送学员名单")
    filer.upload_roster(people, JOB_TYPE, STARTS).reads("名单第 1 版已报送，共 2 人")

    walk.on(ENDS)
    filer = walk.login("jigou3").go("考试申报", JOB_TYPE).choose(申报场次=EXAM.session).press("生成申报")
    filer.upload_papers(people, INITIAL_PAPERS).press("提交申报").reads("待审核")
    stages.plan_exam(walk, EXAM, "2026年4月第一类第1期")

    walk.on(date(2026, 4, 10))
    province = walk.login("sheng-shenhe").go("资格审核", "审核（2）")
    province.tick(*(f"选择{name}" for name in names)).press("批量通过所选").reads("2")
    province.follow("核对并移交").reads("2 通过").press("移交所选").reads("已移交 2 人")

    walk.on(date(2026, 4, 13))
    stages.arrange(walk, EXAM, staff_names, seated=2)
    stages.hold(walk, EXAM)
    stages.examine(walk, EXAM, names)
    days = (date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), date(2026, 4, 22))
    stages.license_all(walk, EXAM, names, days)
    stages.hand_over_card(walk, "sheng-chuangkou", people[0].name, people[0].number)
    stages.seal(walk, EXAM)
    assert Dossier.objects.get().state == DossierState.SEALED
