"""Files of an upload about which nobody decides: told of, then given up, each once."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from certification.notices.models import Notice
from certification.records.models import StoredFile
from exams.materials import undecided, uploads
from exams.models import MaterialUpload, UploadedFile
from exams.todo import lines
from tests.exams.conftest import PHOTO, TODAY
from tests.factories import at as moment


@pytest.fixture
def made(bench, settings, tmp_path) -> MaterialUpload:
    settings.MEDIA_ROOT = tmp_path
    (draft,) = bench.drafts(bench.plan(size=1), papers=False)
    names = [f"{draft.person.name}-照片.jpg", "某人-照片.jpg"]
    files = [ContentFile(PHOTO, name=name) for name in names]
    sent = uploads.upload(actor=bench.user("jigou"), now=moment(TODAY), plan_id=draft.plan_id, kind="", files=files)
    uploads.take_in(sent.pk)
    return sent


def test_undecided_files_are_told_of_before_and_given_up_after(bench, made):
    nothing = {"warned": 0, "given_up": 0}
    kept = made.files.get(state="UNMATCHED").file
    (line,) = [each for each in lines(bench.user("jigou"), moment(TODAY)) if "未归入" in each.title]
    assert (line.count, line.due_on) == (1, TODAY + timedelta(days=30))
    assert undecided.give_up(moment(TODAY + timedelta(days=22))) == nothing
    told = TODAY + timedelta(days=25)
    assert undecided.give_up(moment(told)) == {"warned": 1, "given_up": 0}
    assert "1 个上传的材料尚未归入" in Notice.objects.order_by("-pk").first().title
    assert undecided.give_up(moment(told)) == nothing
    # Told late: the seven days count from the notice, not from the upload.
    assert undecided.give_up(moment(told + timedelta(days=7))) == nothing
    assert undecided.give_up(moment(told + timedelta(days=8))) == {"warned": 0, "given_up": 1}
    assert undecided.give_up(moment(told + timedelta(days=9))) == nothing
    row = made.files.get(state="DISCARDED")
    assert (row.file, row.decided_by.username, "30 日内没有处理" in row.why) == (None, "system", True)
    assert not StoredFile.objects.filter(pk=kept.pk).exists()
    assert made.files.filter(state="ATTACHED").count() == 1
    assert "到期删除" in Notice.objects.order_by("-pk").first().title
    assert not [each for each in lines(bench.user("jigou"), moment(told)) if "未归入" in each.title]


def test_the_home_page_counts_all_uploads_of_a_class_and_names_the_first_day(
    bench, made, django_assert_max_num_queries
):
    """Uploads of one file each, far more than the home page has lines; of the first the notice went out late."""
    plan, user = made.plan, bench.user("jigou")
    more = [MaterialUpload(plan=plan, uploaded_by=user, uploaded_at=moment(TODAY)) for _each in range(150)]
    for upload in MaterialUpload.objects.bulk_create(more):
        UploadedFile.objects.create(upload=upload, position=0, name="扫描.jpg", state="UNMATCHED")
    today = TODAY + timedelta(days=29)
    MaterialUpload.objects.update(warned_at=moment(today))
    with django_assert_max_num_queries(5):
        (line,) = undecided.lines(user, moment(today))
    assert (line.count, line.due_on) == (151, today + timedelta(days=7))
