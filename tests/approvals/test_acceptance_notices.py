"""The notice of acceptance (受理通知书, 行政许可法第三十二条): one for each act and application, numbered without a
gap, and nobody learns from it who else applied."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from approvals.dossiers import completeness
from approvals.dossiers.opening import plans_in
from approvals.dossiers.sections.contents import contents
from approvals.licences import acceptance, acceptance_notices
from approvals.models import AcceptanceNotice, LicenceApplicant
from certification.deadlines import ledger
from certification.documents import rendering
from certification.notices.models import Notice
from certification.records import accesses
from tests.approvals.cases import content_of, make_group, take_exam
from tests.approvals.licensing_steps import SUBMITTED, ids_of, submitted
from tests.approvals.test_public import shown
from tests.factories import at as moment
from tests.factories import working_day

pytestmark = pytest.mark.django_db
BACKEND = "certification.organisations.backends.AccountBackend"


def sat(world, people=1, **kwargs):
    group = make_group(world, people, state="CLEARED", **kwargs)
    take_exam(world, group)
    return group


def accept(world, batch, *, ids=None, now=SUBMITTED):
    return acceptance.accept(actor=world.user("sheng-shouli"), now=now, applicant_ids=ids or ids_of(batch))


def text_of(content: bytes) -> str:
    """What the paper says, without the breaks of its lines."""
    return "".join(pages_of(content))


def pages_of(content: bytes) -> list[str]:
    """What each page of the paper says, without the breaks of its lines."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_one_act_makes_one_numbered_paper_with_the_names_of_all_whom_it_accepted(
    world, django_capture_on_commit_callbacks
):
    group = sat(world, 3)
    batch = submitted(world, group)
    with django_capture_on_commit_callbacks(execute=True):
        accept(world, batch, ids=ids_of(batch)[:2])
    (notice,) = AcceptanceNotice.objects.all()
    assert notice.number == "云应急特种受〔2026〕1号"
    rows = LicenceApplicant.objects.filter(batch=batch).order_by("pk")
    assert [row.acceptance for row in rows] == [notice, notice, None]
    assert notice.letter.owner == notice
    said = text_of(content_of(notice.letter))
    assert "云应急特种受〔2026〕1号" in said
    names = [row.person.name for row in group.applications]
    assert [name in said for name in names] == [True, True, False]
    assert "2026年11月3日" in said
    assert content_of(notice.letter) == acceptance_notices.render(notice)
    (told,) = Notice.objects.filter(title__startswith="已受理", recipient=world.user("shi-kaowu"))
    assert notice.number in told.body


def test_accepting_the_same_again_makes_no_paper_and_takes_no_number(world):
    batch = submitted(world, sat(world, 2))
    first, second = ids_of(batch)
    accept(world, batch, ids=[first])
    assert [result.ok for result in accept(world, batch, ids=[first])] == [False]
    accept(world, batch, ids=[first, second])
    assert list(AcceptanceNotice.objects.order_by("pk").values_list("number", flat=True)) == [
        "云应急特种受〔2026〕1号",
        "云应急特种受〔2026〕2号",
    ]


def test_each_application_has_its_own_paper(world):
    batches = [submitted(world, sat(world)), submitted(world, sat(world))]
    accept(world, None, ids=[pk for batch in batches for pk in ids_of(batch)])
    assert set(AcceptanceNotice.objects.values_list("batch", flat=True)) == {batch.pk for batch in batches}


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_make_one_paper(at_once, world):
    batch = submitted(world, sat(world, 2))
    results = at_once(lambda: accept(world, batch), lambda: accept(world, batch))
    assert sorted(result.ok for result in [*results[0], *results[1]]) == [False, False, True, True]
    (notice,) = AcceptanceNotice.objects.all()
    assert notice.applicants.count() == 2


def test_more_people_take_no_more_queries(world):
    counts = []
    for people in (1, 12):
        batch = submitted(world, sat(world, people))
        with CaptureQueriesContext(connection) as queries:
            accept(world, batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_whom_silence_has_accepted_is_accepted_since_the_day_of_receipt(world):
    batch = submitted(world, sat(world))
    accept(world, batch, now=moment(working_day(SUBMITTED.date(), 6)))
    said = text_of(acceptance_notices.render(AcceptanceNotice.objects.get()))
    assert "自收到申请之日起即为受理" in said
    assert said.count("2026-11-03") == 2
    assert ledger.find("decision_statutory", LicenceApplicant.objects.get()).anchor_on == SUBMITTED.date()


def test_a_signature_stands_with_text_and_one_s_own_paper_has_no_list(world):
    group = sat(world, 2)
    accept(world, submitted(world, group))
    whole = pages_of(acceptance_notices.render(AcceptanceNotice.objects.get()))
    (signed,) = [page for page in whole if "印章位置" in page]
    assert "内作出决定" in signed
    assert group.applications[0].person.name in whole[-1]
    own = pages_of(acceptance_notices.render_own(LicenceApplicant.objects.order_by("pk")[0]))
    assert "附件" not in "".join(own)
    assert "印章位置" in own[-1]
    assert "20个工作日" in "".join(own)


def test_one_s_own_paper_names_nobody_else(world, client, at):
    group = sat(world, 2)
    accept(world, submitted(world, group))
    first, second = LicenceApplicant.objects.order_by("pk")
    at(SUBMITTED)
    client.force_login(world.user("jigou"), backend=BACKEND)
    page = client.get(reverse("approvals:clocks", args=[first.pk])).content.decode()
    own = reverse("approvals:acceptance_own", args=[first.pk])
    assert own in page
    said = text_of(client.get(own).content)
    names = [row.person.name for row in group.applications]
    assert [name in said for name in names] == [True, False]
    assert accesses.lines([accesses.TAKE_OUT])[0].detail["what"] == "受理通知书"
    # What names several is the organiser's and the authority's.
    whole = reverse("approvals:acceptance_paper", args=[first.acceptance_id])
    assert client.get(whole).status_code == 403
    client.force_login(world.user("lanxi-kaowu"), backend=BACKEND)
    assert client.get(whole).status_code == 404
    client.force_login(world.user("shi-kaowu"), backend=BACKEND)
    answer = client.get(whole, follow=True)
    assert answer.status_code == 200
    said = text_of(b"".join(answer.streaming_content))
    assert [name in said for name in names] == [True, True]
    listed = client.get(reverse("approvals:licence", args=[first.batch_id])).content.decode()
    assert "云应急特种受〔2026〕1号" in listed


def test_a_paper_that_cannot_be_made_says_why(world, client, at, monkeypatch):
    accept(world, submitted(world, sat(world)))
    row = LicenceApplicant.objects.get()

    def broken(_html):
        raise rendering.RendererMissing("libpango")

    monkeypatch.setattr(rendering, "render", broken)
    at(SUBMITTED)
    client.force_login(world.user("shi-kaowu"), backend=BACKEND)
    for name, pk in (("acceptance_own", row.pk), ("acceptance_paper", row.acceptance_id)):
        answer = client.get(reverse(f"approvals:{name}", args=[pk]))
        assert answer.status_code == 503
        assert "Pango" in answer.content.decode()


def test_the_public_page_gives_day_and_number_and_the_paper_of_this_person_alone(world, client, at):
    group = sat(world, 2)
    accept(world, submitted(world, group))
    at(SUBMITTED)
    mine, other = (row.person for row in group.applications)
    first, second = LicenceApplicant.objects.order_by("pk")
    page = shown(client, mine)
    assert "云应急特种受〔2026〕1号" in page
    assert other.name not in page
    paper = client.get(reverse("public:acceptance", args=[first.pk]))
    said = text_of(paper.content)
    assert (mine.name in said, other.name in said) == (True, False)
    assert client.get(reverse("public:acceptance", args=[second.pk])).status_code == 404


def test_the_dossier_holds_the_paper_among_the_authorities_and_its_number_with_each_person(
    world, django_capture_on_commit_callbacks
):
    group = sat(world, 2)
    batch = submitted(world, group)
    accept(world, batch)
    plans = list(plans_in(group.session))
    (entry,) = [row for row in completeness.check(group.session, plans, whole=True) if row.title == "受理通知书"]
    assert entry.missing.startswith("缺2人")
    acceptance_notices.write_missing()
    (entry,) = [row for row in completeness.check(group.session, plans, whole=True) if row.title == "受理通知书"]
    assert entry.complete
    found = contents(group.session, plans, whole=True, masked=True)
    (paper,) = [row for row in found.papers if row.folder == "acceptances"]
    assert (paper.title, paper.plan) == ("受理通知书 云应急特种受〔2026〕1号", None)
    sections = {row.key: row for row in found.sections}
    assert [row[:3] for row in sections["acceptances"].rows] == [["云应急特种受〔2026〕1号", batch.number, "2"]]
    place = sections["licences"].columns.index("受理通知书")
    assert [row[place] for row in sections["licences"].rows] == ["云应急特种受〔2026〕1号"] * 2


def test_a_dossier_of_people_accepted_before_there_were_notices_lacks_none(world):
    group = sat(world, 2)
    accept(world, submitted(world, group))
    LicenceApplicant.objects.update(acceptance=None)
    assert "受理通知书" not in [
        row.title for row in completeness.check(group.session, list(plans_in(group.session)), whole=True) if row.missing
    ]
