"""The pages of schedule, sign-in, hours, proofs, teachers, venues and spot checks."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certification.spreadsheets.writing import workbook
from exams.materials import specimens
from tests.factories import at as moment
from tests.training.classes import FIRST_DAY, LAST_DAY, running_class
from tests.training.test_acknowledging import CountQueries
from tests.training.test_hours import line
from training.hours.online_columns import online_columns
from training.lessons.schedule_columns import schedule_columns
from training.models import Attendance, HoursProof, Lesson, OnlineImport, SpotCheck, Teacher, TrainingPlan, Venue
from training.plans import filing


@pytest.fixture
def client_of(world, at):
    """``client_of("jigou")``: a browser of this person, by default on the first day of class at 11:00."""

    def make(username, now=None):
        at(now or moment(FIRST_DAY, 11))
        client = Client()
        client.force_login(world.user(username), backend="certification.organisations.backends.AccountBackend")
        return client

    return make


def url(name, *args):
    return reverse(f"training:{name}", args=args)


def test_from_venue_and_teacher_to_a_signed_lesson(client_of, running):
    filer = client_of("jigou")
    filer.post(url("venue_add"), {"name": "实操车间", "capacity": 40, "active": "on"})
    venue = Venue.objects.get(name="实操车间")
    again = filer.post(url("venue_add"), {"name": "实操车间", "capacity": 40, "active": "on"})
    assert "已有名为" in again.content.decode()
    teacher = Teacher.objects.get(person=running.teacher)
    filer.post(url("teacher_edit", teacher.pk), {"qualification": "电气工程师", "valid_until": "2027-12-31"})
    assert "电气工程师" in filer.get(url("resources")).content.decode()
    form = {
        "day": "2026-04-20",
        "starts_at": "08:30",
        "ends_at": "11:30",
        "hours": "4",
        "part": "PRACTICAL",
        "mode": "ONSITE",
        "subject": "安全用具",
        "teacher": running.teacher.pk,
        "venue": venue.pk,
    }
    assert filer.get(url("lesson_add", running.plan.pk)).status_code == 200
    assert "还没有课程表" in filer.get(url("roster", running.plan.pk)).content.decode()
    filer.post(url("lesson_add", running.plan.pk), form)
    assert "还没有课程表" not in filer.get(url("roster", running.plan.pk)).content.decode()
    clash = filer.post(url("lesson_add", running.plan.pk), form)
    assert clash.status_code == 422
    assert "时间重叠" in clash.content.decode()
    lesson = Lesson.objects.get()
    schedule = filer.get(url("schedule", running.plan.pk)).content.decode()
    assert "还差 56 学时" in schedule
    assert filer.get(url("lesson_edit", lesson.pk)).status_code == 200
    today = filer.get(url("lessons_today")).content.decode()
    assert url("sign_in", lesson.pk) in today
    page = filer.get(url("sign_in", lesson.pk))
    fields = page.context["form"]
    marks = {name: "" if fields[name].value() is None else fields[name].value() for name in fields.fields}
    late = f"presence_{running.trainees[1].pk}"
    signed = filer.post(url("sign_in", lesson.pk), {**marks, late: "LATE"}, follow=True)
    assert "应到 3 人，实到 3 人" in signed.content.decode()
    assert Attendance.objects.get(trainee=running.trainees[1]).presence == "LATE"
    second = filer.post(url("sign_in", lesson.pk), marks)
    assert second.status_code == 422
    assert "登记了第 1 版签到" in second.content.decode()
    correction = {**marks, "version": 1, "reason": "点名有误"}
    corrected = filer.post(url("sign_in", lesson.pk), correction, follow=True).content.decode()
    assert "迟到 → 到课" in corrected
    assert filer.post(url("lesson_cancel", lesson.pk), {"reason": "x"}).status_code == 422


def test_the_form_of_a_plan_offers_who_teaches_already(client_of, running):
    filer = client_of("jigou", moment(date(2026, 3, 2)))
    form = filer.get(url("plan_create")).context["form"]
    labels = [label for _value, label in form.fields["teacher_listed_1"].choices]
    assert any(running.teacher.name in label for label in labels)
    listed = Teacher.objects.get(person=running.teacher)
    filer.post(url("plan_create"), {"venue": "x", "teacher_listed_1": listed.pk})
    typed = TrainingPlan.objects.order_by("-pk").first().typed
    assert typed["teacher_name_1"] == running.teacher.name
    assert typed["teacher_number_1"] == running.teacher.document_number
    again = filer.get(url("plan_edit", TrainingPlan.objects.order_by("-pk").first().pk))
    assert again.context["form"]["teacher_listed_1"].value() == str(listed.pk)
    assert running.teacher.document_number not in again.content.decode()
    sent = filer.post(url("plan_create"), {"venue": "x", "teacher_listed_1": listed.pk, "submit": "yes"})
    assert not {name for name in sent.context["form"].errors if name.startswith("teacher")}


def test_a_schedule_by_sheet(client_of, running):
    filer = client_of("jigou")
    template = filer.get(url("schedule_template", running.plan.pk))
    assert template.status_code == 200
    head = [column.name for column in schedule_columns(running.plan)]
    good = ["2026-04-20", "08:00", "11:00", 4, "理论", "线下", "安全用电", running.teacher.name, "201教室"]
    upload = SimpleUploadedFile("课程表.xlsx", workbook(head, [good, good]))
    answer = filer.post(url("schedule_upload", running.plan.pk), {"file": upload})
    assert answer.status_code == 422
    assert "时间重叠" in answer.content.decode()
    assert not Lesson.objects.exists()
    upload = SimpleUploadedFile("课程表.xlsx", workbook(head, [good]))
    assert filer.post(url("schedule_upload", running.plan.pk), {"file": upload}).status_code == 302
    copied = filer.post(
        url("schedule_copy", running.plan.pk), {"first": "2026-04-20", "last": "2026-04-20", "to": "2026-04-21"}
    )
    assert copied.status_code == 302
    assert Lesson.objects.count() == 2
    broken = SimpleUploadedFile("课程表.xlsx", b"PK\x03\x04 cut off")
    assert filer.post(url("schedule_upload", running.plan.pk), {"file": broken}).status_code == 422


def test_online_hours_and_proofs(client_of, running):
    TrainingPlan.objects.filter(pk=running.plan.pk).update(kind="RENEWAL", onsite_hours=0, online_hours=8)
    filer = client_of("jigou", moment(LAST_DAY, 20))
    assert filer.get(url("proofs_pdf", running.plan.pk)).status_code == 422
    head = [column.name for column in online_columns(LAST_DAY)]

    def send(rows, **more):
        file = SimpleUploadedFile("学时.xlsx", workbook(head, rows, text_columns=["身份证号码"]))
        return filer.post(url("online_upload", running.plan.pk), {"platform": "某平台", "file": file, **more})

    one, two, three = running.trainees
    wrong = send([line(one, 8, ended=date(2026, 6, 1))])
    assert wrong.status_code == 422
    assert "开班至结班之间" in wrong.content.decode()
    assert send([line(one, 8), line(two, 8), line(three, 4)]).status_code == 302
    needs_reason = send([line(one, 8), line(two, 8), line(three, 5)])
    assert needs_reason.status_code == 422
    assert "请写明更正原因" in needs_reason.content.decode()
    assert OnlineImport.objects.count() == 1
    page = filer.get(url("attendance", running.plan.pk)).content.decode()
    assert "缺 4 学时" in page
    answer = filer.post(url("proofs_issue", running.plan.pk)).content.decode()
    assert "2 人的学时证明已开具" in answer
    assert f"{three}缺 4 学时，不能开具学时证明" in answer
    assert filer.get(url("proofs_pdf", running.plan.pk))["Content-Type"] == "application/pdf"
    proof = HoursProof.objects.order_by("pk")[0]
    assert HoursProof.objects.visible_to(running.filer).filter(pk=proof.pk).exists()
    other = client_of("lanxi-jigou", moment(LAST_DAY, 20))
    assert other.get(reverse("records:file", args=[proof.file.uuid])).status_code == 404
    assert other.get(url("attendance", running.plan.pk)).status_code == 404


def test_a_check_from_the_phone_to_its_end(client_of, running):
    running.lessons()
    supervisor = client_of("shi-jianguan")
    classes = supervisor.get(url("check_classes")).content.decode()
    assert classes.index("当天有课的班级") < classes.index(running.plan.institution.short_name)
    page = supervisor.get(url("check_record", running.plan.pk))
    assert "检查清单" in page.content.decode()
    bad = supervisor.post(url("check_record", running.plan.pk), {"counted": 2, "grade_attendance": "SERIOUS"})
    assert bad.status_code == 422
    assert {"note_attendance", "remedy"} <= set(bad.context["form"].errors)
    said = {
        "counted": 2,
        "grade_attendance": "SERIOUS",
        "note_attendance": "代签一人",
        "remedy": "remedy_serious",
        "photos": [SimpleUploadedFile(f"{place}.jpg", specimens.scan("现场")) for place in (1, 2)],
    }
    recorded = supervisor.post(url("check_record", running.plan.pk), said, follow=True)
    check = SpotCheck.objects.get()
    assert check.number in recorded.content.decode()
    assert "现场照片2.jpg" in recorded.content.decode()
    filer = client_of("jigou")
    assert "整改培训检查发现的问题" in filer.get(reverse("portal:home")).content.decode()
    assert "代签一人" in filer.get(url("check", check.pk)).content.decode()
    assert filer.post(url("check_answer", check.pk), {"text": ""}).status_code == 422
    filer.post(url("check_answer", check.pk), {"text": "已整改"})
    supervisor = client_of("shi-jianguan")
    assert "复核培训检查的整改情况" in supervisor.get(reverse("portal:home")).content.decode()
    assert supervisor.post(url("check_return", check.pk), {"opinion": ""}).status_code == 422
    supervisor.post(url("check_return", check.pk), {"opinion": "缺签到表", "remedy": "remedy_urgent"})
    filer = client_of("jigou")
    filer.post(url("check_answer", check.pk), {"text": "已补"})
    supervisor = client_of("shi-jianguan")
    supervisor.post(url("check_confirm", check.pk), {"opinion": "合格"})
    check.refresh_from_db()
    assert check.state == "CONFIRMED"
    plan = supervisor.get(url("plan_detail", running.plan.pk)).content.decode()
    assert check.number in plan
    assert client_of("lanxi-jianguan").get(url("check", check.pk)).status_code == 404
    assert client_of("shenji").get(url("check_list"), {"state": "CONFIRMED"}).context["rows"]


def test_who_teaches_there_is_told_before_anything_is_typed(client_of, running, world):
    Teacher.objects.create(
        institution=world.institution, person=world.user("shi-jianguan").person, listed_at=moment(FIRST_DAY)
    )
    page = client_of("shi-jianguan").get(url("check_record", running.plan.pk)).content.decode()
    assert "4.1 培训与考试分离" in page


@pytest.mark.parametrize("name", ["schedule", "attendance"])
def test_as_many_queries_for_many_trainees_and_lessons(client_of, world, draft, records, name):
    counts = []
    for size, lessons in ((1, 1), (25, 9)):
        plan = filing.file_plan(actor=world.user("jigou"), now=moment(date(2026, 3, 2)), plan_id=draft().pk)
        counts.append(_queries(client_of, world, plan, records(size), lessons, name))
        Venue.objects.filter(name="201教室").update(name=f"旧教室{size}")
    assert counts[0] == counts[1]


def _queries(client_of, world, plan, records, lessons, name) -> int:
    running = running_class(world, plan, records)
    days = [date(2026, 4, 20 + place) for place in range(lessons)]
    start = 8 if lessons == 1 else 13
    for lesson in running.lessons(*(running.entry(day, start) for day in days)):
        running.sign(lesson)
    client = client_of("jigou", moment(date(2026, 4, 29)))
    with CountQueries() as counted:
        assert client.get(url(name, running.plan.pk)).status_code == 200
    return counted.number
