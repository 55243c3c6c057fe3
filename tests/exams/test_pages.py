"""The pages, walked with the browser's requests: each step by the one who does it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from certification.catalogue.models import ApplicationKind
from exams.models import Candidate, ExamApplication, ExamPlan, ExamRoom, ExamSession, Part, RoomUse, StaffAssignment
from exams.states import ApplicationState, CandidateState, SessionState
from tests.exams.conftest import CLASS_START, EXAM_ON, PHOTO
from tests.factories import at as moment


def page(client, name: str, /, *args, status: int = 200, **data):
    response = client.get(reverse(f"exams:{name}", args=args), data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode() if not response.get("Content-Type", "").startswith("application/pdf") else response


def post(client, name: str, /, *args, status: int = 302, **data):
    response = client.post(reverse(f"exams:{name}", args=args), data)
    assert response.status_code == status, response.content.decode()[-4000:]
    return response


def offers(client, session: ExamSession, label: str) -> bool:
    """Whether the session's page offers ``label`` as its one primary button, or (empty) none."""
    text = page(client, "session_detail", session.pk)
    assert text.count("button-primary") == bool(label)
    return not label or re.search(f'button-primary"[^>]*>{label}<', text) is not None


def upload(name: str, content: bytes = PHOTO):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content, content_type="text/plain")


def test_a_session_from_announcement_to_released_results(bench, browse, at):
    officer = browse("shi-kaowu")
    page(officer, "session_announce")
    post(
        officer,
        "session_announce",
        job_type=bench.world.job_type().pk,
        site=bench.site().pk,
        capacity=20,
        theory_day=EXAM_ON,
        theory_first=18,
        theory_last=21,
        practical_day=EXAM_ON,
        practical_first=27,
        practical_last=32,
    )
    session = ExamSession.objects.get()
    plan = bench.plan(size=3)

    filer = browse("jigou")
    assert str(plan.job_type) in page(filer, "class_list")
    assert "3 名学员还没有申报" in page(filer, "class_applications", plan.pk)
    assert "3 人办理成功" in post(filer, "application_build", plan.pk, session=session.pk, status=200).content.decode()
    applications = list(ExamApplication.objects.order_by("pk"))
    ids = [row.pk for row in applications]
    refused = post(filer, "application_submit", plan.pk, application=ids, status=422).content.decode()
    assert "缺少材料" in refused
    page(filer, "materials_upload", plan.pk)
    kinds = ["PHOTO", "IDENTITY_CARD", "DIPLOMA", "HEALTH_COMMITMENT", "CONSENT", "HOURS_PROOF"]
    for kind in kinds:
        files = [upload(f"{row.person.document_number}.jpg") for row in applications] + [upload("某人.jpg")]
        sent = post(filer, "materials_upload", plan.pk, kind=kind, files=files)
        text = filer.get(sent.url).content.decode()
        assert "已上传 3 份材料" in text
        assert "某人.jpg" in text
    post(filer, "application_submit", plan.pk, application=ids)
    page(filer, "application_detail", ids[0])
    assert applications[0].person.name in page(filer, "application_list", state="PRELIMINARY_REVIEW")
    page(filer, "session_detail", session.pk)
    page(filer, "session_list", coming=1)

    bench.move("return_to_filer", applications[:1], reason="照片不清晰")
    assert "补正后重新提交" in page(filer, "application_detail", ids[0])
    post(filer, "material_upload", ids[0], kind="PHOTO", file=upload("新.jpg"))
    post(filer, "application_answer", ids[0])
    bench.clear(applications)

    officer = browse("shi-kaowu")
    assert offers(officer, session, "编制考试计划")
    page(officer, "plan_list")
    assert "2026年4月15日低压电工作业考试计划" in page(officer, "plan_create", session=session.pk)
    page(officer, "plan_create")
    post(officer, "plan_create", title="四月考试计划", **{f"in-{session.pk}": "on", f"expected-{session.pk}": 3})
    exam_plan = ExamPlan.objects.get()
    page(officer, "plan_detail", exam_plan.pk)
    page(officer, "plan_edit", exam_plan.pk)
    assert offers(officer, session, "报送考试计划")
    assert "预计3人" in page(officer, "plan_file", exam_plan.pk)
    post(officer, "plan_file", exam_plan.pk)
    province = browse("sheng-kaowu")
    page(province, "plan_answer", exam_plan.pk)
    post(province, "plan_answer", exam_plan.pk, answer="return", opinion="", status=422)
    post(province, "plan_answer", exam_plan.pk, answer="acknowledge", opinion="同意")

    officer = browse("shi-kaowu")
    assert offers(officer, session, "安排考场")
    page(officer, "session_rooms", session.pk)
    rooms = {part: ExamRoom.objects.filter(site=session.site, part=part) for part in Part}
    ticked = {f"{part.value.lower()}-rooms": [room.pk for room in found] for part, found in rooms.items()}
    post(officer, "session_rooms", session.pk, status=422, **{**ticked, "practical-rooms": ["0"]})
    assert not RoomUse.objects.filter(part__session=session).exists()
    post(officer, "session_rooms", session.pk, **ticked)
    staffing = page(officer, "session_staff", session.pk)
    assert "理论每考场监考员不少于 2 人，实操每考场考评员不少于 2 人" in staffing
    assert f"{bench.user('shi-jiankao').person.name}（监考员、" in staffing
    for name, part, duty in (("shi-jiankao", Part.THEORY, "INVIGILATOR"), ("shi-kaoping", Part.PRACTICAL, "EXAMINER")):
        use = RoomUse.objects.filter(part__session=session, part__part=part).order_by("pk")[0]
        post(officer, "session_staff", session.pk, use=use.pk, duty=duty, person=bench.user(name).person_id)
    page(officer, "staff_end", StaffAssignment.objects.order_by("pk")[0].pk)
    assert offers(officer, session, "安排座位")
    post(officer, "session_seat", session.pk)
    assert offers(officer, session, "安排考务人员")
    candidates = bench.candidates(session)
    assert {row.state for row in candidates} == {CandidateState.ADMITTED}
    assert "准考证" in page(officer, "session_detail", session.pk)
    assert page(officer, "session_tickets", session.pk).content.startswith(b"%PDF")
    assert page(officer, "candidate_ticket", candidates[0].pk).content.startswith(b"%PDF")
    assert page(officer, "sign_in_list", session.pk, "theory").content.startswith(b"%PDF")

    duty = StaffAssignment.objects.get(person=bench.user("shi-jiankao").person)
    invigilator = browse("shi-jiankao")
    page(invigilator, "duty_list")
    assert candidates[0].ticket_number in page(invigilator, "duty_detail", duty.pk)
    page(invigilator, "session_detail", session.pk, status=403)
    page(browse("shi-jiankao2"), "duty_detail", duty.pk, status=404)

    at(moment(EXAM_ON, 18))
    officer = browse("shi-kaowu")
    assert offers(officer, session, "开考登记")
    assert "准考3人" in page(officer, "session_hold", session.pk)
    post(officer, "session_hold", session.pk)
    clerk = browse("shi-luru")
    page(clerk, "results_list")
    page(clerk, "results", session.pk)
    sheet = page(clerk, "results_enter", session.pk, "theory")
    assert "满分 100 分，80 分合格" in sheet
    assert "<h1>录入理论成绩</h1>" in sheet
    theory = {f"candidate-{row.pk}-score": "85" for row in candidates[:2]} | {
        f"candidate-{candidates[2].pk}-absent": "on"
    }
    wrong = post(
        clerk, "results_enter", session.pk, "theory", status=422, **{f"candidate-{candidates[0].pk}-score": 101}
    )
    assert 'value="101"' in wrong.content.decode()
    post(clerk, "results_enter", session.pk, "theory", **theory)
    checker = browse("shi-fuhe")
    entered = page(checker, "results", session.pk)
    assert "<h1>复核成绩</h1>" in entered
    assert "复核无误" in entered
    page(checker, "results_send_back", session.pk, "theory")
    post(checker, "results_check", session.pk, "theory")
    practical = {
        f"candidate-{row.pk}-{code}": score
        for row, scores in zip(candidates, [(20, 40, 20, 20), (10, 20, 10, 10)], strict=False)
        for code, score in zip(("K1", "K2", "K3", "K4"), scores, strict=True)
    }
    clerk = browse("shi-luru")
    assert "保存成绩" not in page(clerk, "results_enter", session.pk, "theory")
    assert "保存成绩" in page(clerk, "results_enter", session.pk, "practical")
    post(clerk, "results_enter", session.pk, "practical", **practical)
    checker = browse("shi-fuhe")
    post(checker, "results_check", session.pk, "practical")
    page(checker, "results_release", session.pk)
    post(checker, "results_release", session.pk)
    session.refresh_from_db()
    assert session.state == SessionState.RELEASED
    assert [row.state for row in bench.candidates(session)] == ["PASSED", "FAILED", "ABSENT"]
    assert "有 2 " not in page(checker, "results", session.pk)
    assert "<dt>已安排</dt><dd>3</dd>" in page(browse("shi-kaowu"), "session_detail", session.pk)
    after = page(browse("jigou"), "class_applications", plan.pk)
    assert after.count(session.number) == 3
    assert "未选场次" not in after
    assert "撤回申报" not in after

    officer = browse("shi-kaowu")
    assert applications[1].person.name in page(officer, "pool")
    retake = bench.session(day=date(2026, 5, 13), now=moment(EXAM_ON, 21))
    post(
        officer,
        "pool_assign",
        session=retake.pk,
        application=[applications[1].pk, applications[2].pk],
    )
    assert Candidate.objects.filter(session=retake, retake=True).count() == 2
    page(browse("shenji"), "pool")
    page(browse("shenji"), "plan_list")


def test_renewals_wait_prove_their_hours_and_are_confirmed(bench, browse):
    session = bench.session(practical=False)
    plan = bench.plan(ApplicationKind.RENEWAL, size=2)
    rows = bench.submitted(plan)
    officer = browse("shi-kaowu")
    assert rows[0].person.name in page(officer, "pool")
    post(officer, "pool_assign", session=session.pk, application=[row.pk for row in rows])
    bench.move("clear", rows)
    filer = browse("jigou")
    post(filer, "material_upload", rows[0].pk, kind="HOURS_PROOF", file=upload("学时.jpg"))
    post(filer, "material_upload", rows[0].pk, kind="PHOTO", file=upload("照片.jpg"), status=422)
    officer = browse("shi-kaowu")
    text = page(officer, "hours")
    assert "未上传" in text
    post(officer, "hours_confirm", application=[rows[0].pk])
    assert ExamApplication.objects.get(pk=rows[0].pk).hours_confirmed_by == bench.user("shi-kaowu")


def test_withdrawing_names_who_and_asks_for_a_reason(bench, browse):
    session = bench.session()
    rows = bench.submitted(bench.plan(size=2), session)
    filer = browse("jigou")
    assert "撤回申报" in page(filer, "class_applications", rows[0].plan_id)
    asked = post(filer, "application_withdraw", rows[0].plan_id, application=[rows[0].pk], status=200)
    assert rows[0].person.name in asked.content.decode()
    assert ExamApplication.objects.get(pk=rows[0].pk).state == ApplicationState.PRELIMINARY_REVIEW


def test_sites_and_rooms_are_kept_by_their_organiser(bench, browse):
    officer = browse("shi-kaowu")
    page(officer, "site_list")
    page(officer, "site_create")
    territory = bench.world.bureau.territory_id
    data = {"name": "新考试点", "ownership": "GOVERNMENT", "territory": territory, "address": "路1号", "active": "on"}
    post(officer, "site_create", status=422, **data)
    data["area"] = "ZONE"
    assert "请填写“区域名称”" in post(officer, "site_create", status=422, **data).content.decode()
    data["area_name"] = "高新区"
    post(officer, "site_create", **data)
    post(officer, "site_create", status=422, **data)
    from exams.models import ExamSite

    site = ExamSite.objects.get(name="新考试点")
    page(officer, "room_create", site.pk)
    post(officer, "room_create", site.pk, name="一号机房", part="THEORY", capacity=30, active="on")
    room = site.rooms.get()
    page(officer, "room_edit", room.pk)
    post(officer, "room_edit", room.pk, name="一号机房", part="THEORY", capacity=25, active="on")
    assert site.rooms.get().capacity == 25
    page(browse("lanxi-kaowu"), "site_edit", site.pk, status=404)


def test_another_institution_sees_neither_applications_nor_candidates(bench, browse):
    session = bench.ready(size=2)
    candidate = bench.candidates(session)[0]
    other = browse("lanxi-jigou")
    page(other, "application_detail", candidate.application_id, status=404)
    page(other, "candidate_ticket", candidate.pk, status=404)
    assert candidate.application.person.name not in page(other, "session_detail", session.pk)
    page(other, "session_tickets", session.pk, status=422)
    page(other, "session_rooms", session.pk, status=403)
    page(browse("lanxi-kaowu"), "session_rooms", session.pk, status=404)


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("jigou", "application_list"),
        ("jigou", "class_list"),
        ("shi-kaowu", "session_list"),
        ("shi-kaowu", "pool"),
        ("shi-kaowu", "hours"),
        ("shi-kaowu", "plan_list"),
        ("shi-kaowu", "site_list"),
        ("shi-luru", "results_list"),
        ("shi-jiankao", "duty_list"),
    ],
)
def test_empty_lists_say_so(bench, browse, user, name):
    page(browse(user), name)


def _queries(django_assert_max_num_queries, client, url):
    with django_assert_max_num_queries(200) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("user", "kind", "name"),
    [
        ("jigou", ApplicationKind.INITIAL, "application_list"),
        ("jigou", ApplicationKind.INITIAL, "class_applications"),
        ("shi-kaowu", ApplicationKind.INITIAL, "session_detail"),
        ("shi-kaowu", ApplicationKind.RENEWAL, "pool"),
        ("shi-kaowu", ApplicationKind.RENEWAL, "hours"),
    ],
)
def test_lists_take_as_many_queries_for_fifty_rows_as_for_one(
    bench, browse, user, kind, name, django_assert_max_num_queries
):
    session = bench.session(capacity=100) if kind == ApplicationKind.INITIAL else None
    client = browse(user)
    counts = []
    for size in (1, 49):
        plan = bench.plan(kind, size=size)
        rows = bench.submitted(plan, session)
        if name == "hours":
            bench.move("clear", rows)
        argument = {"class_applications": [plan.pk], "session_detail": [session.pk if session else 0]}.get(name, [])
        url = reverse(f"exams:{name}", args=argument)
        client.get(url)
        counts.append(_queries(django_assert_max_num_queries, client, url))
    assert counts[0] == counts[1]


def test_results_people_get_no_link_to_what_they_may_not_open(bench, browse):
    session = bench.session()
    bench.submitted(bench.plan(size=1), session)
    for user, linked in (("shi-luru", False), ("shi-fuhe", False), ("shi-kaowu", True)):
        text = page(browse(user), "session_detail", session.pk)
        assert bench.candidates(session)[0].application.person.name in text
        assert ("/exams/applications/" in text.split('id="main"')[1]) is linked, user


def test_the_class_list_opens_with_the_time_left(bench, browse, django_assert_max_num_queries):
    client, session = browse("jigou"), bench.session()
    url = reverse("exams:class_list")
    bench.drafts(bench.plan(size=1), session)
    assert client.get(url).context["lines"][0]["deadline"].rule.code == "materials_initial"
    assert "个工作日" in page(client, "class_list")
    before = _queries(django_assert_max_num_queries, client, url)
    for _each in range(3):
        bench.drafts(bench.plan(size=2), session)
    assert _queries(django_assert_max_num_queries, client, url) == before
    bench.plan(ApplicationKind.RENEWAL, size=1)
    assert {line["due_on"] for line in client.get(url).context["lines"]} == {None, CLASS_START}
