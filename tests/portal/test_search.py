"""Search: a term is a name, the beginning of an identity number or a receipt number; scope is the source's."""

import pytest

from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation
from certification.portal import search
from certification.portal.search import Found


@pytest.fixture
def sources(monkeypatch):
    monkeypatch.setattr(search, "SOURCES", [])
    return search.register


def test_a_term_is_cleaned_and_understood():
    assert search.parse(" 110101 199003 ").identity_prefix == "110101199003"
    assert search.parse("11010119900307001x").identity_prefix == "11010119900307001X"
    assert search.parse("张 三").name == "张三"
    assert search.parse("云培报〔2026〕12号").name == ""
    assert search.parse("张") is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("e99 123456", "E99123456"),
        ("ZZZ99", ""),
        ("T530102199003070014", "530102199003070014"),
        ("T1234567", "T1234567"),
    ],
)
def test_other_documents_and_certificates_are_found_by_their_number(typed, number):
    assert search.parse(typed).identity_prefix == number


def test_each_account_is_searched_in_its_own_name(client_of, sources):
    def own_name(user, query, limit):
        return [Found("单位", user.organisation.name, "/")] if query.name else []

    sources(own_name)
    page = client_of("jigou").get("/search/", {"q": "学校"}).content.decode()
    other = client_of("lanxi-jigou").get("/search/", {"q": "学校"}).content.decode()
    institution = Organisation.objects.get(accounts__username="jigou").name
    content, other_content = page.partition("<main")[2], other.partition("<main")[2]
    assert institution in content
    assert institution not in other_content


def test_too_many_hits_ask_for_a_longer_term(client_of, sources):
    sources(lambda user, query, limit: [Found("学员", f"张三{n}", "/") for n in range(limit)])
    page = client_of("jigou").get("/search/", {"q": "张三"}).content.decode()
    assert "结果较多" in page
    assert page.count("张三1") == 11, "twenty are listed"


def test_nothing_found_says_why(client_of, sources):
    page = client_of("jigou").get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "只搜索您有权查看的" in page
    assert "<script>alert" not in page


def test_scope_is_the_model_s_own(world):
    """A source built on ``visible_to`` gives an account without roles nothing."""
    assert not Deadline.objects.visible_to(world.user("guanli")).exists()
