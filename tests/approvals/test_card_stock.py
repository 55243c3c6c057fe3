"""Blank cards: received, printed, spoilt, handed over; both registers say the same; cards in place of lost ones."""

import pytest
from django.urls import reverse

from approvals.certificates import blanks, cards
from approvals.models import CardBlank, CardRequest, Decision
from certification.people.models import Certificate
from certification.refusals import Incomplete, NotPermitted, WrongState
from tests.approvals.cases import make_group, take_exam
from tests.approvals.licensing_steps import SERVED, granted, stocked

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(world):
    return _certificates(world, 1)[0]


def _certificates(world, people):
    group = make_group(world, people, state="CLEARED")
    take_exam(world, group)
    granted(world, group)
    return [row.certificate for row in Decision.objects.select_related("certificate__person").order_by("pk")]


def act(world, what, by="chuangkou", **said):
    return what(actor=world.user(by), now=SERVED, **said)


def printed(world, certificate, number="YL000001", **said):
    request = act(world, cards.request_card, certificate_id=certificate.pk, **said)
    return act(world, cards.print_card, request_id=request.pk, card_number=number)


def balance(world, by="chuangkou"):
    (found,) = blanks.balances(world.user(by))
    assert found.reconciles, found
    return found.in_stock, found.printed, found.handed_over, found.spoiled


def test_every_blank_is_somewhere(world, certificate):
    stocked(world)
    assert balance(world) == (5, 0, 0, 0)
    request = printed(world, certificate)
    assert balance(world) == (4, 1, 0, 0)
    act(world, cards.reprint, request_id=request.pk, reason="打印偏移")
    assert balance(world) == (4, 0, 0, 1)
    assert CardRequest.objects.get().card_number == ""
    act(world, cards.print_card, request_id=request.pk, card_number="yl 000002")
    act(world, cards.hand_over, request_id=request.pk, document_number=certificate.person.document_number)
    act(world, blanks.spoil, number="YL000005", reason="划伤")
    assert balance(world) == (2, 0, 1, 2)
    spoilt = CardBlank.objects.get(number="YL000001")
    assert (spoilt.request_id, spoilt.spoiled_reason) == (request.pk, "打印偏移")
    with pytest.raises(WrongState):
        act(world, cards.reprint, request_id=request.pk, reason="再来")


def test_a_cancelled_card_spoils_its_blank(world, certificate):
    stocked(world)
    request = printed(world, certificate)
    act(world, cards.cancel_card, request_id=request.pk, reason="改用电子证书")
    assert balance(world) == (4, 0, 0, 1)


@pytest.mark.parametrize("number", ["YL000009", "YL000001", "LX000001"])
def test_only_blanks_in_the_own_stock_are_used(world, number):
    first, second = _certificates(world, 2)
    stocked(world)
    stocked(world, by="lanxi-chuangkou", first="LX000001")
    printed(world, first)
    request = act(world, cards.request_card, certificate_id=second.pk)
    with pytest.raises(Incomplete) as caught:
        act(world, cards.print_card, request_id=request.pk, card_number=number)
    assert caught.value.problems[0].field == "card_number"


def test_a_parcel_is_counted_and_no_serial_is_received_twice(world):
    stocked(world, count=3)
    assert list(CardBlank.objects.order_by("pk").values_list("number", flat=True)) == [
        "YL000001",
        "YL000002",
        "YL000003",
    ]
    for first, count, source in (("YL000003", 1, "x"), ("YL", 1, "x"), ("A1", 0, "x"), ("A9", 2, "x"), ("A1", 1, " ")):
        with pytest.raises(Incomplete):
            act(world, blanks.receive, first_number=first, count=count, source=source)
    with pytest.raises(NotPermitted):
        act(world, blanks.receive, by="shi-kaowu", first_number="B1", count=1, source="x")


def test_a_lost_card_is_made_again_with_what_happened(world, certificate):
    stocked(world)
    with pytest.raises(WrongState, match="没有发放过"):
        act(world, cards.request_card, certificate_id=certificate.pk, reason="LOST", note="遗失")
    request = printed(world, certificate)
    act(world, cards.hand_over, request_id=request.pk, document_number=certificate.person.document_number)
    with pytest.raises(WrongState, match="补发"):
        act(world, cards.request_card, certificate_id=certificate.pk)
    with pytest.raises(Incomplete):
        act(world, cards.request_card, certificate_id=certificate.pk, reason="LOST", note=" ")
    again = printed(world, certificate, "YL000002", reason="LOST", note="11月在工地遗失")
    act(world, cards.hand_over, request_id=again.pk, document_number=certificate.person.document_number)
    assert balance(world) == (3, 0, 2, 0)


def test_a_certificate_taken_over_from_the_old_register_has_a_window_and_its_card_can_be_lost(world):
    stocked(world, by="lanxi-chuangkou")
    # Who renews held one before, that no exam here led to.
    make_group(world, 1, kind="RENEWAL", state="CLEARED")
    certificate = Certificate.objects.get()
    number = certificate.person.document_number
    clerks = {name: world.user(name) for name in ("chuangkou", "lanxi-chuangkou", "sheng-chuangkou")}
    found = {
        name: cards.find_certificates(clerk.organisation, number, SERVED.date()).exists()
        for name, clerk in clerks.items()
    }
    assert found == {"chuangkou": True, "lanxi-chuangkou": True, "sheng-chuangkou": False}
    said = {"by": "lanxi-chuangkou", "certificate_id": certificate.pk, "reason": "LOST", "note": "旧卡遗失"}
    request = act(world, cards.request_card, **said)
    act(world, cards.print_card, by="lanxi-chuangkou", request_id=request.pk, card_number="YL000001")
    act(world, cards.hand_over, by="lanxi-chuangkou", request_id=request.pk, document_number=number)
    with pytest.raises(WrongState, match="补发"):
        act(world, cards.request_card, by="lanxi-chuangkou", certificate_id=certificate.pk)


@pytest.mark.django_db(transaction=True)
def test_two_cards_at_once_never_share_a_blank(world, at_once):
    first, second = _certificates(world, 2)
    stocked(world)
    requests = [act(world, cards.request_card, certificate_id=one.pk) for one in (first, second)]

    def make(request):
        return lambda: act(world, cards.print_card, request_id=request.pk, card_number="YL000001")

    results = at_once(*(make(request) for request in requests))
    assert sorted(type(result).__name__ for result in results) == ["CardRequest", "Incomplete"]
    assert balance(world) == (4, 1, 0, 0)


def test_each_window_sees_its_own_stock_and_the_head_of_its_city_too(world, client, at):
    at(SERVED)
    stocked(world)
    stocked(world, by="lanxi-chuangkou", first="LX000001")
    for who, seen, hidden in (
        ("chuangkou", ["YL000001"], ["LX000001"]),
        ("lanxi-chuangkou", ["LX000001"], ["YL000001"]),
        ("shi-fuze", ["YL000001"], ["LX000001"]),
        ("sheng-fuze", ["YL000001", "LX000001"], []),
    ):
        client.force_login(world.user(who))
        page = client.get(reverse("approvals:card_stock")).content.decode()
        assert all(number in page for number in seen)
        assert not [number for number in hidden if number in page]
        assert ("登记入库" in page) == who.endswith("chuangkou")


def test_the_desk_receives_spoils_and_replaces(world, client, at, certificate):
    at(SERVED)
    client.force_login(world.user("chuangkou"))
    wrong = client.post(reverse("approvals:card_receive"), {"first_number": "YL", "count": 3, "source": "省厅"})
    assert wrong.status_code == 422
    assert 'value="省厅"' in wrong.content.decode()
    client.post(reverse("approvals:card_receive"), {"first_number": "YL000001", "count": 3, "source": "省厅"})
    client.post(reverse("approvals:card_spoil"), {"number": "YL000003", "reason": "划伤"})
    assert balance(world) == (2, 0, 0, 1)
    request = printed(world, certificate)
    client.post(reverse("approvals:card_reprint", args=[request.pk]), {"reason": "照片不清"})
    assert balance(world) == (1, 0, 0, 2)
    act(world, cards.print_card, request_id=request.pk, card_number="YL000002")
    act(world, cards.hand_over, request_id=request.pk, document_number=certificate.person.document_number)
    url = reverse("approvals:card_request", args=[certificate.pk])
    assert client.post(url, {"reason": "LOST", "note": ""}).status_code == 422
    assert client.post(url, {"reason": "LOST", "note": "遗失"}).status_code == 302
    assert CardRequest.objects.order_by("-pk").first().reason == "LOST"
