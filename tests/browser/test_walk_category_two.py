"""Category 2, INITIAL, from the plan to the sealed dossier: five people, one returned for correction, one refused."""

from datetime import date

import pytest

from approvals.models import Decision, Dossier
from approvals.states import DossierState
from exams.materials import specimens
from tests.browser import stages
from tests.browser.walking import INITIAL_PAPERS

JOB_TYPE = "低压电工作业"
FILED, STARTS, ENDS = date(2026, 3, 2), date(2026, 3, 16), date(2026, 4, 3)
EXAM = stages.Exam("shi-", JOB_TYPE, date(2026, 4, 14), "青屏市安全生产考试点")


@pytest.mark.embedded
def test_from_the_plan_to_the_sealed_dossier(world, walk, staff_names):
    teacher, *people = world.invented(6)
    names = [one.name for one in people]
    returned, unfit, failing = names[0], names[1], names[4]
    passing = [name for name in names if name != unfit]
    granted = [name for name in passing if name != failing]

    walk.on(FILED)
    stages.announce(walk, EXAM)
    filer = walk.login("jigou").file_plan("初训", JOB_TYPE, (STARTS, ENDS, EXAM.day), teacher)
    filer.reads("PX-2026-0001", "青屏市应急管理局", "云岭省应急管理厅考试中心")

    walk.on(date(2026, 3, 4))
    walk.login("shi-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")
    walk.login("sheng-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")

    walk.on(STARTS, hour=15)
    filer = walk.login("jigou").go("培训计划", JOB_TYPE, "报送学员名单")
    filer.upload_roster(people, JOB_TYPE, STARTS).reads("名单第 1 版已报送，共 5 人")

    walk.on(ENDS)
    filer = walk.login("jigou").go("考试申报", JOB_TYPE).choose(申报场次=EXAM.session).press("生成申报")
    filer.upload_papers(people, INITIAL_PAPERS).press("提交申报").reads("待初审")
    stages.plan_exam(walk, EXAM, "2026年4月第1期")

    walk.on(date(2026, 4, 7))
    city = walk.login("shi-shenhe").go("资格审核", returned).tick("退回补正")
    city.fill(**{"补正：身份证": "身份证照片反光，请重新拍摄。"}).press("拟定意见，转到下一件")
    city.go("资格审核").give_opinion(unfit, "拟不通过", "健康承诺书非本人签署。")
    city.go("资格审核").tick(*(f"选择{name}" for name in names[2:])).press("批量通过所选").reads("3")
    city.follow("核对并移交").reads("3 通过 · 1 退回补正 · 1 拟不通过").press("移交所选").reads("已移交 5 人")

    filer = walk.login("jigou").go("申报查询", returned).reads("身份证照片反光，请重新拍摄。")
    # The notice asks item by item; the same picture again would be no new paper.
    filer.follow("逐项答复补正通知").tick("提交新材料")
    filer.upload("新材料", ("身份证.jpg", "image/jpeg", specimens.scan("身份证", "重新拍摄")))
    filer.press("答复完毕，重新提交").go("申报查询", returned).reads("待初审")
    walk.login("shi-shenhe").go("资格审核").give_opinion(returned, "通过").hand_over(1)

    walk.on(date(2026, 4, 10))
    province = walk.login("sheng-shenhe").go("资格审核")
    province.give_opinion(unfit, "不通过", "健康承诺书非本人签署，不符合条件。")
    province.go("资格审核").tick(*(f"选择{name}" for name in passing)).press("批量通过所选").reads("4")
    province.hand_over(5)

    walk.on(date(2026, 4, 13))
    stages.arrange(walk, EXAM, staff_names, seated=4)
    stages.hold(walk, EXAM)
    stages.examine(walk, EXAM, passing, failing)
    days = (date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), date(2026, 4, 22))
    stages.license_all(walk, EXAM, granted, days)
    walk.login("jigou").go("证书").reads(*granted)

    holder = next(one for one in people if one.name == granted[0])
    stages.hand_over_card(walk, "chuangkou", holder.name, holder.number)
    stages.seal(walk, EXAM)
    assert Dossier.objects.get().state == DossierState.SEALED
    assert Decision.objects.filter(served_at__isnull=False).count() == len(granted)
