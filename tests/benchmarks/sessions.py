"""A session of hundreds of people, written straight into the tables, for dossiers, tickets and letters."""

from PIL import Image

from approvals.models import Decision
from certification.notices.sending import Message, send
from certification.notices.subjects import Cases
from certification.records.models import StoredFile
from exams.models import ExamApplication, Material
from tests.approvals.cases import Group, make_group, take_exam
from tests.approvals.licensing_steps import DECIDED, granted, served
from tests.factories import World

PHOTO_SIZE = (295, 413)


def persons(count: int):
    """Invented people, more than the factories keep."""
    from certification.people.identity import check_character
    from certification.people.models import Person, Sex

    rows = []
    for place in range(count):
        body = f"990197{1980 + place % 25}0{1 + place % 9}1{place % 10}{place:03d}"
        rows.append(
            Person(
                document_type="IDENTITY_CARD",
                document_number=body + check_character(body),
                name=f"王{chr(0x4E00 + place)}",
                sex=Sex.MALE if place % 2 else Sex.FEMALE,
                birth_date=f"{1980 + place % 25}-0{1 + place % 9}-1{place % 10}",
                created_at=DECIDED,
            )
        )
    return Person.objects.bulk_create(rows)


def finished(world: World, people: int) -> Group:
    """Everybody passed, was granted the licence and served; the papers are drawn, and all of it was told."""
    group = sat(world, people)
    served(world, group)
    _told(world, group)
    return group


def decided(world: World, people: int) -> Group:
    """Everybody was granted the licence; no letter is made yet."""
    group = sat(world, people)
    granted(world, group)
    Decision.objects.update(letter=None)
    return group


def sat(world: World, people: int) -> Group:
    """Everybody passed the exam; each has a photo of the usual size."""
    group = make_group(world, people, state="CLEARED", persons=persons(people))
    take_exam(world, group)
    _photos(group)
    return group


def _told(world: World, group: Group) -> None:
    """What stands in the inboxes where half of it is done in passes over all, half person by person: each time the
    institution, the city and the province are told."""
    people = [world.user(name) for name in ("jigou", "shi-shenhe", "sheng-shenhe")]
    one_by_one = [(f"考试申报审核通过：{row.person}", row) for row in group.applications for _step in range(4)]
    in_passes = [(f"考试申报审核通过：{len(group.ids)}人", Cases(ExamApplication, group.ids)) for _step in range(4)]
    messages = [Message(user.pk, title, about=about) for title, about in (*one_by_one, *in_passes) for user in people]
    send(messages, now=DECIDED)


def _photos(group: Group) -> None:
    """Photos of noise: 30 to 40 KB each, as real ones are."""
    import io

    for material in Material.objects.filter(application__in=group.ids, kind="PHOTO").select_related("file"):
        content = io.BytesIO()
        Image.effect_noise(PHOTO_SIZE, 40).convert("RGB").save(content, "JPEG", quality=60)
        material.file = StoredFile.store(
            content.getvalue(),
            name="photo.jpg",
            media_type="image/jpeg",
            owner=material.application,
            actor=material.submitted_by,
            now=material.submitted_at,
        )
        material.save()
