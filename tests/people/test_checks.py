"""Every check of people, on both sides of its bounds; which edition says what; the same queries for many."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certification.catalogue.loading import load_edition
from certification.catalogue.models import CatalogueEdition, JobType
from certification.people.certificates import Grant, certificate_values, issue_all, number_for
from certification.people.checks import catalogue, running
from certification.people.checks.known import Known, know
from certification.people.checks.subject import Entry, Subject
from certification.people.declarations import declare_delay, declare_female_class
from certification.people.identity import WORDINGS, InvalidIdentityNumber
from certification.people.models import Bar, Certificate, Person
from certification.rulebook import lookup
from tests.factories import at
from tests.people.vectors import EXAM, RETIREMENT, START, TODAY, number, told

NOW = at(TODAY)


@pytest.fixture
def subject(world) -> Subject:
    """A class for the low-voltage electrician, INITIAL, of another institution than nobody's."""
    return Subject(
        world.job_type("0101"),
        "INITIAL",
        lookup.edition_on(TODAY),
        TODAY,
        start=START,
        exam=EXAM,
        end=date(2026, 12, 31),
    )


def codes(subject: Subject, **said) -> set[str]:
    """What is found against one person with a right number who is 36 and has a senior high school certificate."""
    return found(subject, **said)[0]


def found(subject: Subject, *, text: str = "", known: Known | None = None, **said):
    entry = Entry(row=3, **{**told(text or number("19900307")), "name": "测试人", "education": "SENIOR_HIGH", **said})
    result = running.run(subject, [entry], known)
    findings = [*result.errors, *result.warnings]
    return {finding.ruled.check.code for finding in findings}, findings


def test_nothing_is_found_against_somebody_who_fulfils_everything(subject):
    assert codes(subject) == set()


def test_every_check_has_its_rule_and_a_rule_its_check(subject):
    rules = {rule.code for rule in lookup.rules(subject.edition, catalogue.AREA)}
    assert rules == {check.code for check in catalogue.checks()}
    for ruled in catalogue.ruled(subject.edition):
        assert ruled.rule.title
        assert ruled.rule.clause
        assert ruled.rule.explanation
        assert ruled.severity in catalogue.LEVELS
        for name in ruled.check.parameters:
            area, _, code = name.partition(".")
            assert lookup.rule(area, code, subject.edition)


def test_a_stored_number_that_does_not_pass_is_found_under_the_code_of_its_reading(subject):
    for code in WORDINGS:
        refusal = InvalidIdentityNumber("有误。", code=code)
        assert codes(subject, refusal=refusal) == {code}


@pytest.mark.parametrize(
    "text", [number("19900307", division=each) for each in ("810000", "820000", "830000", "911240")]
)
def test_residents_of_81_to_83_and_permanent_residents_are_not_doubted(subject, text):
    assert codes(subject, text=text) == set()


def test_an_unknown_division_is_a_warning(subject):
    found_codes, findings = found(subject, text=number("19900307", division="160101"))
    assert found_codes == {"division"}
    assert findings[0].ruled.severity == "warning"
    assert "160101" in findings[0].problem.message


@pytest.mark.parametrize(
    ("document_type", "document", "doubted"),
    [
        ("PASSPORT", "E12345678", False),
        ("PASSPORT", "护照一", True),
        ("TRAVEL_PERMIT", "H1234567800", False),
        ("TRAVEL_PERMIT", "12345678", False),
        ("TRAVEL_PERMIT", "X1", True),
        ("PERMANENT_RESIDENCE", "USA110082032201", False),
        ("PERMANENT_RESIDENCE", number("19900307", division="911240"), False),
        ("PERMANENT_RESIDENCE", "USA1", True),
    ],
)
def test_other_documents_are_looked_at_for_their_form_only(subject, document_type, document, doubted):
    said = {"document_type": document_type, "number": document, "doubts": ()}
    assert codes(subject, **said) == ({"document_form"} if doubted else set())


@pytest.mark.parametrize(
    ("sex", "sequence", "wrong"), [("M", 21, 0), ("F", 22, 0), ("F", 21, 1), ("M", 22, 1), ("", 21, 0)]
)
def test_sex_is_the_seventeenth_digit(subject, sex, sequence, wrong):
    assert codes(subject, text=number("19900307", sequence), sex=sex) == ({"sex"} if wrong else set())


@pytest.mark.parametrize(
    ("born", "young"),
    [
        (START.replace(year=2008), False),
        (START.replace(year=2008) + timedelta(days=1), True),
        (START.replace(year=2009), True),
    ],
)
def test_eighteen_on_the_day_of_class_start(subject, born, young):
    found_codes, findings = found(subject, text=number(f"{born:%Y%m%d}"))
    assert found_codes == ({"too_young"} if young else set())
    assert not young or "起方可参加培训" in findings[0].problem.advice


def test_somebody_born_on_29_february_is_of_age_on_1_march(subject):
    leap = {"text": number("20080229")}
    day = date(2026, 2, 28)
    before = replace(subject, start=day, exam=None, end=day)
    found_codes, findings = found(before, **leap)
    assert found_codes == {"too_young"}
    assert "2026年3月1日" in findings[0].problem.advice
    assert codes(replace(before, start=day + timedelta(days=1)), **leap) == set()


@pytest.mark.parametrize(("group", "born", "retires"), RETIREMENT)
def test_nobody_is_admitted_from_the_day_of_retirement_on(subject, group, born, retires):
    said = {
        "text": number(born, 21 if group == "M" else 22),
        "female_class": "" if group == "M" else group,
    }
    day = retires - timedelta(days=1)
    assert codes(replace(subject, start=day, exam=None, end=day), **said) == {"retires_soon"}
    assert codes(replace(subject, start=retires, exam=None, end=retires), **said) == {"retired"}
    # At class start still in, at the exam no more.
    assert codes(replace(subject, start=day, exam=retires, end=day), **said) == {"retired"}


def test_the_message_names_the_day_on_which_it_is_too_late(subject):
    retires = date(2026, 5, 15)
    text = number("19660115")
    for start, exam, word in ((retires, None, "开班当日"), (retires - timedelta(days=1), retires, "拟考试当日")):
        _codes, (finding,) = found(replace(subject, start=start, exam=exam, end=start), text=text)
        assert finding.problem.message == f"{word}已达法定退休年龄（2026年5月15日）。"


@pytest.mark.parametrize(("ends", "soon"), [(0, True), (1, False)])
def test_retirement_within_the_validity_is_a_warning(subject, ends, soon):
    """Six years from class start; who retires a day later is not warned of."""
    last = date(2031, 5, 15)
    start = last.replace(year=last.year - 6) - timedelta(days=ends)
    day = replace(subject, start=start, exam=None, end=start)
    assert codes(day, text=number("19700115")) == ({"retires_soon"} if soon else set())


def test_a_woman_who_declares_nothing_is_judged_by_the_provinces_default(subject, monkeypatch):
    woman = {"text": number("19740101", 22)}
    assert codes(subject, **woman) == {"retires_soon"}
    rule = lookup.rule("eligibility", "female_class_default", subject.edition)
    monkeypatch.setitem(rule.values, "class", "F50")
    assert codes(subject, **woman) == {"retired"}
    assert codes(subject, **woman, female_class="F55") == {"retires_soon"}


def test_what_was_declared_before_counts_where_the_roster_says_nothing(world, subject):
    person = registered("19760115", 22)
    said = {"actor": world.user("jigou"), "now": NOW, "source": "本人申报"}
    row = {"text": person.document_number, "name": person.name}
    assert codes(subject, **row) == {"retires_soon"}
    declare_female_class(person=person, female_class="F50", **said)
    assert codes(subject, **row) == {"retired"}
    assert codes(subject, **row, female_class="F55") == {"retires_soon"}


def test_a_voluntary_delay_counts_by_the_months_declared_and_its_proof_is_asked_for(world, subject):
    person = registered("19660115")
    row = {"text": person.document_number, "name": person.name}
    assert codes(subject, **row) == {"retired"}
    said = {"actor": world.user("jigou"), "now": NOW, "source": "本人申报", "proof": "承诺书 2026-04-01"}
    declare_delay(person=person, months=12, limit=36, **said)
    found_codes, findings = found(subject, **row)
    assert found_codes == {"retires_soon", "delay_declared"}
    declared = next(each for each in findings if each.ruled.check.code == "delay_declared")
    assert "2027年5月15日" in declared.problem.message
    assert "自愿延迟退休承诺书" in declared.problem.advice
    late = replace(subject, start=date(2027, 5, 15), exam=None, end=date(2027, 6, 1))
    assert "retired" in codes(late, **row)


def test_a_voluntary_delay_by_the_practice_of_a_neighbour_is_a_setting(subject, monkeypatch):
    """Who declares nothing is judged by the age before the reform, who declares by the one after it."""
    rule = lookup.rule("eligibility", "voluntary_delay", subject.edition)
    monkeypatch.setitem(rule.values, "undeclared", "ORIGINAL")
    monkeypatch.setitem(rule.values, "declared", "STATUTORY")
    day = replace(subject, start=date(2026, 1, 15), exam=None, end=date(2026, 2, 1))
    man = {"text": number("19660115")}
    assert codes(day, **man) == {"retired"}
    assert codes(day, **man, delay_months=12) == {"retires_soon", "delay_declared"}


@pytest.mark.parametrize(
    ("code", "education", "kind", "first", "enough"),
    [
        ("0101", "JUNIOR_HIGH", "INITIAL", None, True),
        ("0101", "PRIMARY", "INITIAL", None, False),
        ("0901", "JUNIOR_HIGH", "INITIAL", None, False),
        ("0901", "SENIOR_HIGH", "INITIAL", None, True),
        ("0901", "VOCATIONAL", "INITIAL", None, True),
        ("0901", "JUNIOR_HIGH", "RENEWAL", date(2015, 1, 1), False),
        ("0501", "JUNIOR_HIGH", "INITIAL", None, False),
        ("0501", "SENIOR_HIGH", "INITIAL", None, True),
        ("0501", "JUNIOR_HIGH", "RENEWAL", date(2018, 5, 31), True),
        ("0501", "JUNIOR_HIGH", "RENEWAL", date(2018, 6, 1), False),
        ("0501", "PRIMARY", "RENEWAL", date(2018, 5, 31), False),
    ],
)
def test_education_by_group_and_for_coal_by_the_day_of_the_first_certificate(
    world, subject, code, education, kind, first, enough
):
    subject = replace(subject, job_type=world.job_type(code), kind=kind)
    person = registered("19800307")
    if first:
        hold(person, subject.job_type, until=date(2027, 1, 20), first=first)
    row = {"text": person.document_number, "name": person.name, "education": education}
    assert codes(subject, **row) == (set() if enough else {"education"})


def test_a_name_that_differs_is_a_warning_unless_only_by_blanks(subject):
    person = registered("19800307")
    row = {"text": person.document_number}
    assert codes(subject, **row, name="别名") == {"name_differs"}
    assert codes(subject, **row, name=f"{person.name[0]} {person.name[1:]}") == set()


@pytest.mark.parametrize(
    ("first", "last", "barred"),
    [
        (TODAY - timedelta(days=9), TODAY, True),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), False),
        (EXAM, EXAM, True),
        (EXAM + timedelta(days=1), EXAM + timedelta(days=9), False),
    ],
)
def test_a_bar_counts_today_and_on_the_day_of_the_exam(world, subject, first, last, barred):
    person = registered("19800307")
    Bar.objects.create(
        person=person,
        ground="FRAUD",
        reason="冒名",
        barred_from=first,
        barred_until=last,
        imposed_by=world.user("sheng-fuze"),
        imposed_at=NOW,
    )
    found_codes, findings = found(subject, text=person.document_number, name=person.name)
    assert found_codes == ({"barred"} if barred else set())
    assert not barred or "行政许可法第七十九条" in findings[0].problem.advice


@pytest.mark.parametrize(
    ("kind", "until", "review", "reviewed", "expected"),
    [
        ("INITIAL", None, None, None, set()),
        ("INITIAL", START, None, None, {"holds"}),
        ("INITIAL", START - timedelta(days=1), None, None, set()),
        ("RENEWAL", None, None, None, {"holds_none"}),
        ("RENEWAL", START, None, None, set()),
        ("RENEWAL", START - timedelta(days=1), None, None, {"lapsed"}),
        ("RENEWAL", EXAM + timedelta(days=60), None, None, set()),
        ("RENEWAL", EXAM + timedelta(days=61), None, None, {"early"}),
        ("PERIODIC_REVIEW", date(2030, 1, 1), START, None, set()),
        ("PERIODIC_REVIEW", date(2030, 1, 1), START - timedelta(days=1), None, {"lapsed"}),
        ("PERIODIC_REVIEW", date(2030, 1, 1), START, date(2026, 11, 1), {"early"}),
        ("PERIODIC_REVIEW", EXAM + timedelta(days=60), None, None, set()),
    ],
)
def test_certificates_held(subject, kind, until, review, reviewed, expected):
    person = registered("19800307")
    if until:
        hold(person, subject.job_type, until=until, review=review, reviewed=reviewed)
    subject = replace(subject, kind=kind)
    assert codes(subject, text=person.document_number, name=person.name) == expected


def test_a_certificate_of_another_job_type_or_no_longer_valid_does_not_count(world, subject):
    person = registered("19800307")
    hold(person, world.job_type("0102"), until=date(2030, 1, 1))
    hold(person, subject.job_type, until=date(2030, 1, 1), state="REVOKED")
    assert codes(subject, text=person.document_number, name=person.name) == set()


@pytest.fixture
def next_edition(world) -> CatalogueEdition:
    """A later edition of the catalogue with the same job type under the same code."""
    item = {"code": "0101", "name": "低压电工作业"}
    group = {"code": "01", "name": "电工作业", "category": "TWO", "aliases": [], "job_types": [item]}
    head = {"code": "next", "name": "下一版目录", "source": "测试", "valid_from": date(2026, 11, 1), "note": ""}
    return load_edition({**head, "active": True, "group": [group]})


def test_a_second_edition_of_the_catalogue_breaks_no_certificate(world, subject, next_edition):
    old = subject.job_type
    new = JobType.objects.get(code="0101", group__edition=next_edition)
    person = registered("19800307")
    hold(person, old, until=date(2026, 12, 20))
    renewal = replace(subject, job_type=new, kind="RENEWAL")
    assert codes(renewal, text=person.document_number, name=person.name) == set()
    assert codes(replace(subject, job_type=new), text=person.document_number, name=person.name) == {"holds"}
    common = {
        "values": certificate_values(subject.edition),
        "authority": "云岭省应急管理厅",
        "actor": world.user("sheng-shenpi"),
        "now": NOW,
    }
    (first,) = issue_all([Grant(person, new, TODAY)], **common)
    assert first.refusal.code == "still_valid"
    (renewed,) = issue_all([Grant(person, new, TODAY, renewal=True)], **common)
    assert renewed.certificate.replaces.job_type == old
    assert Certificate.objects.filter(person=person, state="VALID").count() == 1


def test_a_source_says_where_somebody_is_already(subject, monkeypatch):
    person = registered("19800307")
    monkeypatch.setattr(
        "certification.people.checks.known._elsewhere", [lambda ids, _subject: dict.fromkeys(ids, "别处")]
    )
    found_codes, findings = found(subject, text=person.document_number, name=person.name)
    assert found_codes == {"elsewhere"}
    assert "已在别处中" in findings[0].problem.message


def test_an_edition_may_turn_a_check_into_a_warning_or_off(subject, monkeypatch):
    rule = lookup.rule(catalogue.AREA, "too_young", subject.edition)
    child = {"text": number("20150307")}
    monkeypatch.setitem(rule.values, "severity", "warning")
    entry = Entry(**told(child["text"]))
    result = running.run(subject, [entry])
    assert (result.errors, [one.problem.code for one in result.warnings]) == ([], ["too_young"])
    monkeypatch.setitem(rule.values, "severity", "off")
    assert codes(subject, **child) == set()


def test_a_draft_cannot_mean_nothing(subject):
    rule = lookup.rule(catalogue.AREA, "too_young", subject.edition)
    assert catalogue.rule_problems(rule) == []
    for code, severity in (("too_young", "laut"), ("check_digit", "off"), ("no_such", "error")):
        broken = type(rule)(area="check", code=code, values={"severity": severity})
        assert catalogue.rule_problems(broken), code


def test_everything_that_is_wrong_with_a_row_is_found_at_once(subject):
    person = registered("20150307", 21)
    row = {
        "text": person.document_number,
        "name": "别名",
        "sex": "F",
        "education": "PRIMARY",
        "job_type": "高压电工作业",
    }
    assert codes(subject, **row) == {"too_young", "education", "sex", "name_differs", "other_job_type"}


def test_what_can_be_judged_without_a_readable_number_is_judged(subject):
    entry = Entry(row=3, name="测试人", education="PRIMARY", job_type="高压电工作业")
    result = running.run(subject, [entry])
    assert {one.problem.code for one in result.errors} == {"education", "other_job_type"}


def test_messages_are_filled_in(subject):
    """No braces are left in what people read, and every finding says what to do."""
    person = registered("20150307", 21)
    hold(person, subject.job_type, until=date(2030, 1, 1))
    row = {"text": person.document_number, "name": "别名", "sex": "F", "education": "PRIMARY", "job_type": "高压"}
    for finding in found(subject, **row)[1]:
        assert not re.search(r"[{}]", finding.problem.message + finding.problem.advice)
        assert finding.problem.advice
        assert finding.problem.column


def test_as_many_queries_for_one_person_as_for_two_hundred(subject):
    people = [registered(f"19{70 + n % 25}0307", 100 + n) for n in range(200)]
    for person in people:
        hold(person, subject.job_type, until=date(2030, 1, 1))
    counts = []
    for chosen in (people[:1], people):
        entries = [Entry(**told(person.document_number), name=person.name) for person in chosen]
        know(subject, entries[:1])
        with CaptureQueriesContext(connection) as queries:
            result = running.run(subject, [replace(entry, person_id=None) for entry in entries])
        assert len(result.errors) >= len(chosen)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def registered(born: str, sequence: int = 21) -> Person:
    """A person of the register with a right number."""
    text = number(born, sequence)
    said = told(text)
    return Person.objects.create(
        document_number=text, name="测试人", sex=said["own_sex"], birth_date=said["birth_date"], created_at=NOW
    )


def hold(person, job_type, *, until, first=date(2018, 1, 1), review=None, reviewed=None, state="VALID") -> Certificate:
    return Certificate.objects.create(
        person=person,
        job_type=job_type,
        number=number_for(person),
        first_issued_on=first,
        valid_from=first,
        valid_until=until,
        review_due_on=review,
        reviewed_on=reviewed,
        authority="云岭省应急管理厅",
        source="IMPORTED",
        state=state,
    )


def test_only_one_certificate_is_valid_whatever_edition_names_the_job_type(subject, next_edition):
    person = registered("19800307")
    new = JobType.objects.get(code="0101", group__edition=next_edition)
    held = hold(person, subject.job_type, until=date(2030, 1, 1))
    assert held.job_type_code == "0101"
    with pytest.raises(IntegrityError, match="certificate_valid_once"), transaction.atomic():
        hold(person, new, until=date(2031, 1, 1))
    hold(person, new, until=date(2031, 1, 1), state="CANCELLED")


def test_a_certificate_without_the_code_of_its_job_type_is_refused(subject):
    held = hold(registered("19800307"), subject.job_type, until=date(2030, 1, 1))
    with pytest.raises(IntegrityError, match="certificate_job_type_coded"), transaction.atomic():
        Certificate.objects.filter(pk=held.pk).update(job_type_code="")
