"""Category 2, RENEWAL: applications by class start, the city's review on condition, hours proof, the pool, the
province's own record, and a certificate that replaces the old one."""

from datetime import date

from approvals.demonstration.people import unsaved
from certification.people.models import Certificate, CertificateState
from tests.browser import stages
from tests.browser.walking import RENEWAL_PAPERS
from tests.factories import BUILT_AT

JOB_TYPE = "低压电工作业"
FILED, STARTS, ENDS = date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 17)
EXAM = stages.Exam("shi-", JOB_TYPE, date(2026, 4, 14), "青屏市安全生产考试点", practical=False)


def _holders(world, people):
    for one in people:
        person = unsaved(one, now=BUILT_AT)
        person.save()
        Certificate.objects.create(
            person=person,
            job_type=world.job_type("0101"),
            number=f"T{one.number}",
            first_issued_on=date(2020, 6, 1),
            valid_from=date(2020, 6, 1),
            valid_until=date(2026, 5, 31),
            review_due_on=date(2023, 6, 1),
            reviewed_on=date(2023, 5, 20),
            authority="云岭省应急管理厅",
            source=Certificate.Source.IMPORTED,
        )


def test_a_certificate_is_renewed(world, walk, staff_names):
    teacher, *people = world.invented(3)
    names = [one.name for one in people]
    everybody = tuple(f"选择{name}" for name in names)
    _holders(world, people)

    walk.on(FILED)
    stages.announce(walk, EXAM)
    walk.login("jigou").file_plan("换证", JOB_TYPE, (STARTS, ENDS, EXAM.day), teacher).reads("PX-2026-0001")
    walk.login("shi-shenhe").go("培训计划", JOB_TYPE).press("签收").reads("已签收")

    walk.on(STARTS)
    filer = walk.login("jigou").go("培训计划", JOB_TYPE, "学员名单").upload_roster(people, JOB_TYPE, STARTS)
    filer.go("考试申报", JOB_TYPE).press("生成申报")
    filer.upload_papers(people, RENEWAL_PAPERS).press("提交申报").reads("待市级审核")

    walk.on(date(2026, 3, 18))
    city = walk.login("shi-shenhe")
    for name in names:
        city.go("资格审核", "市级审核", name).tick("通过", "附条件通过").press("拟定意见，转到下一件")
    city.hand_over(len(names))

    walk.on(date(2026, 4, 1))
    officer = walk.login("shi-kaowu").go("待安排考试").tick(*everybody).choose(安排到场次=EXAM.session)
    officer.press("安排所选人员").reads(EXAM.session)
    stages.plan_exam(walk, EXAM, "2026年4月第2期")
    walk.login("jigou").go("考试申报", JOB_TYPE).upload_papers(people, ("学时证明",))

    walk.on(date(2026, 4, 13))
    walk.login("shi-kaowu").go("学时证明").tick(*everybody).press("确认所选学时证明").reads("2")
    stages.arrange(walk, EXAM, staff_names, seated=2)
    stages.hold(walk, EXAM)
    stages.examine(walk, EXAM, names)

    walk.on(date(2026, 4, 15))
    province = walk.login("sheng-shenhe").go("资格审核", "市级审核报告")
    province.tick(*everybody).press("批量拟定审核通过").reads("2").follow("核对并移交").press("移交所选")
    days = (date(2026, 4, 17), date(2026, 4, 20), date(2026, 4, 21), date(2026, 4, 22))
    stages.license_all(walk, EXAM, names, days)
    assert Certificate.objects.filter(state=CertificateState.REPLACED).count() == 2
    renewed = Certificate.objects.filter(state=CertificateState.VALID, source=Certificate.Source.ISSUED)
    assert {row.first_issued_on for row in renewed} == {date(2020, 6, 1)}
    assert {row.valid_until.year for row in renewed} == {2032}
