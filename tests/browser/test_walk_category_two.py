"""Category 2, INITIAL, from the plan to the sealed dossier: five people, one returned for correction, one refused."""

from datetime import date

import pytest
import time_machine

from approvals.demonstration.papers import paper
from approvals.models import Decision, Dossier
from approvals.states import DossierState
from exams.models import MaterialKind
from tests.browser.walking import INITIAL_PAPERS, Walk
from tests.factories import at

JOB_TYPE = "低压电工作业"
FILED, STARTS, ENDS = date(2026, 3, 2), date(2026, 3, 16), date(2026, 4, 3)
EXAM = date(2026, 4, 14)
STAFF = (
    ("shi-jiankao", "监考员", "理论一考场"),
    ("shi-jiankao2", "监考员", "理论一考场"),
    ("shi-kaoping", "考评员", "实操一考场"),
    ("shi-kaoping2", "考评员", "实操一考场"),
)


@pytest.fixture
def walk(new_page, axe_violations):
    with time_machine.travel(at(FILED), tick=True) as traveller:
        yield Walk(new_page, axe_violations, traveller)


@pytest.mark.embedded
def test_from_the_plan_to_the_sealed_dossier(world, walk):
    teacher, *people = world.invented(6)
    names = [one.name for one in people]
    returned, unfit, failing = names[0], names[1], names[4]

    officer = walk.login("shi-kaowu")
    officer.go("考试场次", "公布场次").choose(操作项目=JOB_TYPE, 考试点="青屏市安全生产考试点")
    officer.fill(计划容量="20", 理论考试日期=EXAM.isoformat(), 实操考试日期=EXAM.isoformat())
    officer.choose(实操开始时间="13:30", 实操结束时间="16:30").press("公布场次").reads("KS-2026-0001")

    filer = walk.login("jigou")
    filer.file_plan("初训", JOB_TYPE, (STARTS, ENDS, EXAM), teacher)
    filer.reads("PX-2026-0001", "青屏市应急管理局", "云岭省应急管理厅考试中心")

    walk.on(date(2026, 3, 4))
    walk.login("shi-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")
    walk.login("sheng-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")

    walk.on(STARTS, hour=15)
    filer = walk.login("jigou")
    filer.go("培训计划", JOB_TYPE, "报送学员名单").upload_roster(people, JOB_TYPE, STARTS)
    filer.reads("名单第 1 版已报送，共 5 人")

    walk.on(date(2026, 4, 3))
    filer = walk.login("jigou")
    filer.go("考试申报", JOB_TYPE).choose(申报场次="KS-2026-0001").press("生成申报")
    filer.upload_papers(people, INITIAL_PAPERS).press("提交申报").reads("待初审")

    officer = walk.login("shi-kaowu")
    officer.go("考试计划", "编制考试计划").fill(考试计划名称="2026年4月第1期").tick("KS-2026-0001 ")
    officer.press("保存草稿").follow("报送").press("报送").reads("已报送")
    walk.login("sheng-kaowu").go("考试计划", "2026年4月第1期", "签收或退回").tick("签收").press("提交答复").reads(
        "已签收"
    )

    walk.on(date(2026, 4, 7))
    city = walk.login("shi-shenhe").go("资格审核")
    city.follow(returned).tick("退回补正").page.get_by_text("退回补正：逐项写明").click()
    city.fill(**{"补正：身份证": "身份证照片反光，请重新拍摄。"})
    city.press("提交意见，转到下一件")
    city.go("资格审核").give_opinion(unfit, "拟不通过", "健康承诺书非本人签署。")
    city.go("资格审核").tick(*(f"选择{name}" for name in names[2:])).press("批量通过所选").reads("3")

    filer = walk.login("jigou").go("申报查询", returned)
    filer.reads("身份证照片反光，请重新拍摄。").choose(材料="身份证")
    filer.upload("文件", ("身份证.jpg", "image/jpeg", paper(MaterialKind.IDENTITY_CARD, 0)[1])).press("上传")
    filer.press("补正后重新提交").reads("待初审")
    walk.login("shi-shenhe").go("资格审核").give_opinion(returned, "通过")

    walk.on(date(2026, 4, 10))
    province = walk.login("sheng-shenhe").go("资格审核")
    province.give_opinion(unfit, "不通过", "健康承诺书非本人签署，不符合条件。")
    passing = [name for name in names if name != unfit]
    province.go("资格审核").tick(*(f"选择{name}" for name in passing)).press("批量通过所选").reads("4")

    walk.on(date(2026, 4, 13))
    officer = walk.login("shi-kaowu").go("考试场次", "KS-2026-0001", "安排考场")
    for room in ("理论一考场", "实操一考场"):
        officer.assign_room(room)
    officer.follow("返回场次").follow("安排考务人员")
    for username, duty, room in STAFF:
        officer.assign_staff(world.user(username).person.name, duty, room)
    officer.follow("KS-2026-0001").press("安排座位").reads("准予参加考试", "202600010001")

    walk.on(EXAM, hour=8)
    walk.login("shi-kaowu").go("考试场次", "KS-2026-0001", "开考登记").press("确认开考").reads("已开考")
    walk.login("shi-jiankao").go("我的监考").reads("理论一考场")

    walk.on(EXAM, hour=18)
    walk.login("shi-luru").go("成绩", "KS-2026-0001").enter_results("理论", {name: "88" for name in passing})
    walk.login("shi-fuhe").go("成绩", "KS-2026-0001").press("复核无误")
    practical = {name: ("18", "34", "17", "18") for name in passing} | {failing: ("10", "20", "15", "15")}
    walk.login("shi-luru").go("成绩", "KS-2026-0001").enter_practical(practical)
    checker = walk.login("shi-fuhe").go("成绩", "KS-2026-0001").press("复核无误")
    checker.follow("公布成绩").press("公布成绩").reads("考试合格", "考试不合格")

    walk.on(date(2026, 4, 17))
    officer = walk.login("shi-kaowu").go("发证许可申请", "生成发证许可申请").press("生成")
    officer.fill(平台回执号="AQKS-20260417-001").press("提交发证许可申请").reads("已提交")

    walk.on(date(2026, 4, 20))
    granted = [name for name in passing if name != failing]
    clerk = walk.login("sheng-shouli").go("受理核对")
    clerk.tick(*(f"选择{name}" for name in granted)).press("受理所选")
    clerk.go("受理核对", "待核对").tick(*(f"选择{name}" for name in granted)).press("核对所选的成绩和名单")

    walk.on(date(2026, 4, 21))
    decider = walk.login("sheng-shenpi").go("作出决定").tick(*(f"选择{name}" for name in granted)).press("准予所选")
    decider.press("准予许可").reads("已准予许可 3 人")

    walk.on(date(2026, 4, 22))
    clerk = (
        walk.login("sheng-shouli")
        .go("许可决定")
        .reads("云应急特种许准〔2026〕1号")
        .tick(*(f"选择{name}" for name in granted))
    )
    clerk.choose(送达方式="由培训机构转交").fill(送达凭证="SD-2026-001").press("登记所选已送达").reads("已送达")
    walk.login("jigou").go("证书").reads(*granted)

    walk.on(date(2026, 4, 24))
    holder = next(one for one in people if one.name == granted[0])
    window = walk.login("chuangkou").go("实体证书").fill(身份证号码=holder.number)
    window.press("查找可在本窗口办理的操作证").press("登记申请").reads(holder.name)
    window.follow_in_row(holder.name, "制证").fill(卡片流水号="YL2026000001").press("登记制证")
    window.follow_in_row(holder.name, "发放").fill(身份证号码=holder.number).press("核验一致，发放").reads("已领取")

    walk.on(date(2026, 4, 27))
    officer = walk.login("shi-kaowu").go("档案", "DA-2026-1").follow("封存").press("封存").reads("已封存")
    assert Dossier.objects.get().state == DossierState.SEALED
    assert Decision.objects.filter(served_at__isnull=False).count() == len(granted)
    assert walk.inaccessible == {}
