from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.people.identity import InvalidIdentityNumber, check_character, check_identity_number

TODAY = date(2026, 11, 23)


def number(first_17: str) -> str:
    return first_17 + check_character(first_17)


def check(text):
    return check_identity_number(text, today=TODAY)


def test_the_example_of_the_standard():
    found = check("11010519491231002X")
    assert (found.birth_date, found.sex, found.warnings) == (date(1949, 12, 31), "F", ())


def test_sex_is_the_seventeenth_digit():
    assert check(number("11010519900307001")).sex == "M"
    assert check(number("11010519900307002")).sex == "F"


@pytest.mark.parametrize(
    "text",
    [" 11010519491231002x ", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X", "'11010519491231002X"],
)
def test_what_typing_and_spreadsheets_do_to_it_is_cleaned(text):
    assert check(text).number == "11010519491231002X"


@pytest.mark.parametrize(
    "first_17",
    [
        "44030819850115001",  # Yantian, whose code did not exist at that birth
        "51022319650101001",  # a county of old Sichuan, now Chongqing
        "81000019900307001",
        "82000019900307001",
        "83000019900307001",
        "91124019900307001",  # permanent residence card of foreigners
    ],
)
def test_correct_numbers_that_stdnum_refuses_pass_without_a_warning(first_17):
    assert check(number(first_17)).warnings == ()


def test_an_unknown_division_is_a_warning_only():
    (warning,) = check(number("16010119900307001")).warnings
    assert "160101" in warning


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "length"),
        (None, "length"),
        ("110105491231002", "length"),
        ("1101051949123100211", "length"),
        ("11010519491231X02X", "characters"),
        ("1101051949123100一X", "characters"),
        (number("11010519491331002"), "date"),
        (number("11010519490229002"), "date"),
        (number("11010520270101002"), "birth_date"),
        (number("11010518991231002"), "birth_date"),
        ("110105194912310020", "check_digit"),
        (1.1010519491231e17, "digits_lost"),
        (date(1949, 12, 31), "became_date"),
    ],
)
def test_refusals_have_a_code_and_say_what_to_do(text, code):
    with pytest.raises(InvalidIdentityNumber) as refused:
        check(text)
    assert refused.value.code == code
    assert refused.value.advice


def test_born_today_is_not_in_the_future():
    assert check(number("11010520261123002")).birth_date == TODAY


@given(st.integers(0, 16), st.integers(1, 9), st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(0, 999))
def test_one_wrong_digit_is_always_found(place, shift, born, serial):
    right = number(f"110105{born:%Y%m%d}{serial:03}")
    assert check(right).birth_date == born
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(InvalidIdentityNumber):
        check(wrong)
