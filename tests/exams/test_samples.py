"""The sample papers that the README's tour uploads."""

from django.core.files.base import ContentFile

from certification.records.content import image_size
from exams import samples
from exams.materials import uploads
from exams.materials.attaching import completeness
from tests.exams.conftest import TODAY
from tests.factories import at
from training import samples as rosters


def test_the_files_are_what_the_module_says():
    assert {name: (samples.FOLDER / name).read_bytes() for name in samples.files()} == samples.files()


def test_they_are_small_and_the_photos_of_the_right_size():
    contents = samples.files()
    assert sum(map(len, contents.values())) < 1_500_000
    photos = [content for name, content in contents.items() if name.endswith("-照片.jpg")]
    assert {image_size(photo) for photo in photos} == {(295, 413)}
    assert len(photos) == len(rosters.RIGHT)


def test_one_upload_completes_everybody(bench):
    drafts = bench.drafts(bench.plan(size=len(rosters.RIGHT)), papers=False)
    for draft, (name, *_rest) in zip(drafts, rosters.RIGHT, strict=True):
        draft.person.name = name
        draft.person.save()
    sent = [ContentFile(content, name=name) for name, content in samples.files().items() if name != samples.ARCHIVE]
    made = uploads.upload(actor=bench.user("jigou"), now=at(TODAY), plan_id=drafts[0].plan_id, kind="", files=sent)
    assert uploads.take_in(made.pk) == {"attached": len(sent), "to_decide": 0, "refused": 0}
    assert all(found.complete for found in completeness(drafts).values())
