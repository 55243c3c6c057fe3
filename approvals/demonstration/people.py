"""Invented people: names, identity numbers with a valid check digit (GB 11643), credit codes (GB 32100).

The division codes begin with 99, which no province has, so that no number belongs to anybody. Tests use the same
functions, so that an invented number is made in one place only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from certification.people.identity import check_character
from certification.people.models import DocumentType, Education, Person, Sex

PROVINCE_CODE = "99"

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
_MALE = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林建国志文海峰立新永成"
_FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂兰红梅莉蓉雪琳晶洁云欣怡佳慧颖倩婷雅文玉春月秋萍珍"
_EMPLOYERS = (
    "云岭启明电力工程有限公司",
    "云岭恒固建筑安装有限公司",
    "青屏联运机械制造有限公司",
    "澜溪宏图化工有限公司",
    "望岳矿业集团有限公司",
    "桐湖冷链物流有限公司",
    "松峦水务有限公司",
    "雁回新能源有限公司",
    "霁川物业服务有限公司",
    "白洲钢铁有限公司",
)


_OTHER_DOCUMENTS = (
    (DocumentType.PERMANENT_RESIDENCE, "ZZZ990000{:06d}", ("安娜·柯林", "米沙·格林")),
    (DocumentType.PASSPORT, "E99{:06d}", ("RIVER STONE", "MAPLE HILL")),
    (DocumentType.TRAVEL_PERMIT, "H99{:06d}", ("欧阳慕云", "诸葛听雨")),
)


@dataclass(frozen=True)
class InventedPerson:
    """What a roster says of a person; nobody's data."""

    number: str
    name: str
    sex: Sex
    birth_date: date
    phone: str
    education: Education
    employer: str
    document_type: DocumentType = DocumentType.IDENTITY_CARD


def identity_number(division: str, birth_date: date, sequence: int) -> str:
    """The identity number of the ``sequence``-th person (1 to 999; odd is male) born on a day in a division."""
    body = f"{division}{birth_date:%Y%m%d}{sequence:03d}"
    return body + check_character(body)


def credit_code(division: str, serial: int) -> str:
    """The 统一社会信用代码 of an invented organisation (52: 民办非企业单位) of a division."""
    body = f"52{division}{_organisation_code(serial)}"
    total = sum(_CREDIT_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + _CREDIT_ALPHABET[-total % 31]


def invented_people(seed: int, *, divisions: tuple[str, ...], today: date) -> Iterator[InventedPerson]:
    """People without end, always the same for a seed: 20 to 42 years old on ``today``, two thirds men."""
    random = Random(seed)
    seen: set[str] = set()
    for serial in count(1):
        sex = Sex.FEMALE if random.random() < 1 / 3 else Sex.MALE
        born = today - timedelta(days=random.randint(20 * 366, 42 * 365))
        number = identity_number(random.choice(divisions), born, random.randint(1, 499) * 2 - (sex == Sex.MALE))
        name = _name(random, sex)
        education = random.choice((Education.SENIOR_HIGH, Education.VOCATIONAL, Education.COLLEGE))
        employer = random.choice(_EMPLOYERS)
        if number not in seen:
            seen.add(number)
            yield InventedPerson(number, name, sex, born, f"1990000{serial % 10000:04d}", education, employer)


def with_other_document(invented: InventedPerson, serial: int) -> InventedPerson:
    """The same person, who holds a passport or a permit instead of an identity card, and bears a name as it does.
    The numbers, of the ``serial``-th of them, look as such numbers do and belong to nobody."""
    document_type, form, names = _OTHER_DOCUMENTS[serial % len(_OTHER_DOCUMENTS)]
    return replace(
        invented,
        number=form.format(serial),
        name=names[serial // len(_OTHER_DOCUMENTS) % len(names)],
        document_type=document_type,
    )


def unsaved(invented: InventedPerson, *, now) -> Person:
    """The row of the register for an invented person."""
    return Person(
        document_type=invented.document_type,
        document_number=invented.number,
        name=invented.name,
        sex=invented.sex,
        birth_date=invented.birth_date,
        phone=invented.phone,
        education=invented.education,
        employer=invented.employer,
        created_at=now,
    )


def _name(random: Random, sex: Sex) -> str:
    given = _FEMALE if sex == Sex.FEMALE else _MALE
    return random.choice(_SURNAMES) + "".join(random.sample(given, random.choice((1, 2, 2))))


def _organisation_code(serial: int) -> str:
    """The nine characters of GB 11714: eight of the body and their check character."""
    body = f"MJ{serial:06d}"
    values = (int(character, 36) for character in body)
    check = 11 - sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))
