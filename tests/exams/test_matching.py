"""Whose and which paper a file is, by its name: certain where it is certain, a question where it is not."""

import tomllib
from pathlib import Path

import pytest

import exams
from certification.people.models import Person
from exams.materials import matching
from exams.materials.matching import Names, masked
from exams.models import ExamApplication, MaterialKind

PEOPLE = {
    1: ("张三", "990101199001010015"),
    2: ("张三丰", "99010119900101002X"),
    3: ("李娜", "990101199001010031"),
    4: ("李娜", "990101199001010058"),
    5: ("阿依古丽·买买提", "990101199001010074"),
    6: ("王健康", "990101199001010090"),
    7: ("JOHN SMITH", "E12345678"),
    8: ("李 LI", "H60123456"),
    9: ("李娜", "EA7654321"),
    10: ("司马", "990101199001010111"),
}


@pytest.fixture(scope="module")
def names():
    rules = tomllib.loads((Path(exams.__file__).parent / "rules.toml").read_text())["rule"]
    words = next(rule["values"] for rule in rules if rule["code"] == "file_names")
    people = [
        ExamApplication(pk=pk, person=Person(name=name, document_number=number))
        for pk, (name, number) in PEOPLE.items()
    ]
    return Names(people, {MaterialKind(kind): tuple(own) for kind, own in words.items()})


@pytest.mark.parametrize(
    ("name", "who", "kind"),
    [
        ("张三-身份证.jpg", 1, "IDENTITY_CARD"),
        ("张三丰-身份证.jpg", 2, "IDENTITY_CARD"),
        ("张三身份证正面.JPG", 1, "IDENTITY_FRONT"),
        ("张三 身份证 反面.png", 1, "IDENTITY_BACK"),
        ("99010119900101002x_毕业证.pdf", 2, "DIPLOMA"),
        ("９９０１０１１９９００１０１００１５　照片.jpg", 1, "PHOTO"),
        ("身份证/张三.jpg", 1, "IDENTITY_CARD"),
        ("第三期\\张三丰\\健康承诺.pdf", 2, "HEALTH_COMMITMENT"),
        ("张三/学历证书.pdf", 1, "DIPLOMA"),
        ("001_张三_一寸照片.jpg", 1, "PHOTO"),
        ("阿依古丽买买提 同意书.pdf", 5, "CONSENT"),
        ("阿依古丽•买买提-学时证明(1).pdf", 5, "HOURS_PROOF"),
        ("李娜_0031_照片.jpg", 3, "PHOTO"),
        ("王健康-照片.jpg", 6, "PHOTO"),
        ("王健康-健康承诺书.jpg", 6, "HEALTH_COMMITMENT"),
        ("张三_免培训证明.jpg", 1, "EXEMPTION_PROOF"),
        ("１．学员张三的照片.jpg", 1, "PHOTO"),
        ("001张三(2)照片.jpg", 1, "PHOTO"),
        ("T99010119900101002x-操作证.jpg", 2, "OLD_CERTIFICATE"),
        ("张三丰99010119900101002x照片.jpg", 2, "PHOTO"),
        ("阿依古丽 买买提/身份证正面.jpg", 5, "IDENTITY_FRONT"),
        ("阿依古丽\u200b·买买提-照片.jpg", 5, "PHOTO"),
        ("E12345678-照片.jpg", 7, "PHOTO"),
        ("护照e12345678.jpg", 7, "IDENTITY_CARD"),
        ("Ｅ１２３４５６７８/学历证书.pdf", 7, "DIPLOMA"),
        ("John Smith passport.jpg", 7, "IDENTITY_CARD"),
        ("johnsmith_E12345678_照片.jpg", 7, "PHOTO"),
        ("李娜EA7654321照片.jpg", 9, "PHOTO"),
        ("李娜_4321_照片.jpg", 9, "PHOTO"),
        ("张三-照片-DSC00012.jpg", 1, "PHOTO"),
    ],
)
def test_certain(names, name, who, kind):
    found = names.read(name)
    assert (found.application and found.application.pk, found.kind, found.why) == (who, kind, "")


@pytest.mark.parametrize(
    ("name", "why", "candidates"),
    [
        ("王五-照片.jpg", matching.NOBODY, []),
        ("李娜-照片.jpg", matching.SEVERAL, [3, 4, 9]),
        ("张三、李娜-照片.jpg", matching.SEVERAL_NAMES, [1, 3, 4, 9]),
        ("990101199001010015-李娜-照片.jpg", matching.CONTRADICTION, [1, 3, 4, 9]),
        ("E12345678-张三-照片.jpg", matching.CONTRADICTION, [7, 1]),
        ("E12345678-H60123456-照片.jpg", matching.CONTRADICTION, [7, 8]),
        ("E99999999-John Smith-照片.jpg", matching.NOT_IN_CLASS, [7]),
        ("E12345678990101199001010015照片.jpg", matching.NOBODY, []),
        ("张三风-照片.jpg", matching.WITHIN, [1]),
        ("司马相如-照片.jpg", matching.WITHIN, [10]),
        ("司马·相如-照片.jpg", matching.WITHIN, [10]),
        ("johnsmithson-照片.jpg", matching.WITHIN, [7]),
        ("990101198001010015-张三-照片.jpg", matching.NOT_IN_CLASS, [1]),
        ("张三.jpg", matching.NO_KIND, []),
        ("张三-身份证照片.jpg", matching.SEVERAL_KINDS, []),
    ],
)
def test_a_question_and_no_guess(names, name, why, candidates):
    found = names.read(name)
    assert not found.certain
    assert found.why == why
    assert [row.pk for row in found.candidates] == candidates


def test_a_chosen_paper_stands_for_all_and_is_not_overruled(names):
    assert names.read("张三.jpg", "DIPLOMA").kind == "DIPLOMA"
    assert "与所选的“照片”不符" in names.read("张三-学历证书.jpg", "PHOTO").why


def test_pages_show_no_whole_number():
    assert masked("班/990101199001010015-张三.jpg") == "班/9901**********0015-张三.jpg"
    assert masked("99010119900101002x.jpg") == "9901**********002x.jpg"
    assert masked("９９０１０１１９９００１０１００１５.jpg") == "９９０１**********００１５.jpg"
    assert masked("John-E12345678-护照.jpg") == "John-E1*****78-护照.jpg"
    assert masked("IMG20260101_DSC00012.jpg") == "IMG20260101_DSC00012.jpg"
