"""The organisations of the demonstration province: centre, cities, bureaux, windows, institutions, sites, designations.

Everything is invented. ``build`` takes the cities to make, so that tests can have a province of two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from simple_history.utils import bulk_create_with_history

from approvals.demonstration.people import PROVINCE_CODE, credit_code
from certification.catalogue.models import CatalogueEdition, Category, OperationGroup
from certification.organisations.models import Designation, Organisation, OrganisationKind, Territory
from exams.models import Area, ExamRoom, ExamSite, Part

DESIGNATED_FROM = date(2023, 4, 1)
DESIGNATION_DOCUMENT = "云岭应急〔2023〕12号"
REFRIGERATION = "04"


@dataclass(frozen=True)
class City:
    """One city: its name, its pinyin for usernames, its two-digit place in the province, institutions, further sites
    (name, kind of area and its name).

    ``refrigeration_by`` names the city whose bureau is designated for refrigeration here.
    """

    name: str
    pinyin: str
    place: str
    institutions: tuple[str, ...]
    more_sites: tuple[tuple[str, str, str], ...] = ()
    refrigeration_by: str = ""

    @property
    def code(self) -> str:
        return f"{PROVINCE_CODE}{self.place}00"

    @property
    def divisions(self) -> tuple[str, ...]:
        """Codes of the city's districts and counties, as identity numbers carry them."""
        return tuple(f"{PROVINCE_CODE}{self.place}{county:02d}" for county in (1, 2, 21, 22))


CITIES = (
    City(
        "青屏市",
        "qingping",
        "01",
        (
            "青屏安培职业培训学校",
            "青屏电力技工学校",
            "云岭化工安全培训中心",
            "云岭矿山安全培训中心",
            "青屏蓝领技能学校",
            "青屏冶金职工学校",
        ),
        more_sites=(("青屏高新区考试点", Area.ZONE, "青屏高新区"),),
    ),
    City(
        "澜溪市",
        "lanxi",
        "02",
        ("澜溪安全技术学校", "澜溪化工职工培训中心", "澜溪宏志培训学校", "澜溪建工技能学校"),
        more_sites=(("澜溪省直管东湾县考试点", Area.PROVINCIAL_COUNTY, "东湾县"),),
        refrigeration_by="青屏市",
    ),
    City(
        "望岳市",
        "wangyue",
        "03",
        ("望岳矿业技工学校", "望岳职业培训学校", "望岳煤炭职工学校", "望岳焊接技术学校"),
        more_sites=(("望岳石岭县考试点", Area.COUNTY, "石岭县"),),
    ),
    City("松峦市", "songluan", "04", ("松峦安全培训中心", "松峦林业技工学校", "松峦电工培训学校")),
    City("桐湖市", "tonghu", "05", ("桐湖制冷技术学校", "桐湖职业培训学校", "桐湖港口培训中心", "桐湖电力培训站")),
    City("雁回市", "yanhui", "06", ("雁回新能源培训学校", "雁回安全技术学校", "雁回高空作业培训站")),
    City("石潭市", "shitan", "07", ("石潭职业培训学校", "石潭烟花安全培训中心", "石潭技工学校")),
    City("丹霄市", "danxiao", "08", ("丹霄安全培训学校", "丹霄石化职工学校", "丹霄电焊技术学校")),
    City("枫渡市", "fengdu", "09", ("枫渡职业培训学校", "枫渡电工培训学校", "枫渡建筑技能学校")),
    City("霁川市", "jichuan", "10", ("霁川安全技术学校", "霁川职业培训中心", "霁川电力技工学校", "霁川物业培训站")),
    City("白洲市", "baizhou", "11", ("白洲冶金培训中心", "白洲安全培训学校", "白洲职工技能学校")),
)


@dataclass
class Province:
    """What was built, by city name where there is one per city."""

    centre: Organisation = None
    hall: Organisation = None
    territories: dict[str, Territory] = field(default_factory=dict)
    bureaux: dict[str, Organisation] = field(default_factory=dict)
    windows: dict[str, Organisation] = field(default_factory=dict)
    operators: dict[str, Organisation] = field(default_factory=dict)
    institutions: dict[str, list[Organisation]] = field(default_factory=dict)
    sites: dict[str, list[ExamSite]] = field(default_factory=dict)
    provincial_sites: list[ExamSite] = field(default_factory=list)


def build(cities: Sequence[City], *, actor, now) -> Province:
    """Make the organisations of ``cities`` and of the province. The catalogue must be loaded."""
    province = Province()
    _territories(province, cities, actor, now)
    _organisations(province, cities, actor, now)
    _sites(province, cities, actor, now)
    _rooms(province, actor, now)
    _designations(province, cities, actor, now)
    return province


def _territories(province: Province, cities: Sequence[City], actor, now) -> None:
    made = _create([Territory(code=city.code, name=city.name) for city in cities], Territory, actor, now)
    province.territories = {territory.name: territory for territory in made}


def _organisations(province: Province, cities: Sequence[City], actor, now) -> None:
    kinds = OrganisationKind
    capital = province.territories[cities[0].name]
    province.centre = _organisation(kinds.PROVINCIAL_CENTRE, "云岭省应急管理厅考试中心", "省考试中心")
    province.hall = _organisation(
        kinds.WINDOW, "云岭省政务服务大厅应急管理窗口", "省政务大厅窗口", capital, provincial_hall=True
    )
    for city in cities:
        here, short = province.territories[city.name], city.name.removesuffix("市")
        province.bureaux[city.name] = _organisation(kinds.CITY_BUREAU, f"{city.name}应急管理局", f"{short}局", here)
        province.windows[city.name] = _organisation(
            kinds.WINDOW, f"{city.name}{_window_of(city)}窗口", f"{short}窗口", here
        )
        province.operators[city.name] = _organisation(
            kinds.EXAM_SITE_OPERATOR, f"{city.name}安全生产考试服务中心", f"{short}考试服务中心", here
        )
        province.institutions[city.name] = [
            _organisation(
                kinds.TRAINING_INSTITUTION,
                name,
                name[:12],
                here,
                credit_code=credit_code(city.code, int(city.place) * 100 + number),
            )
            for number, name in enumerate(city.institutions, start=1)
        ]
    _create(_all_organisations(province), Organisation, actor, now)


def _window_of(city: City) -> str:
    """A local bureau's window, or, in every third city, that of a local approval department [三(五)]."""
    return "行政审批局" if int(city.place) % 3 == 0 else "应急管理局办证"


def _all_organisations(province: Province) -> list[Organisation]:
    singles = [province.centre, province.hall]
    per_city = [*province.bureaux.values(), *province.windows.values(), *province.operators.values()]
    return singles + per_city + [one for several in province.institutions.values() for one in several]


def _organisation(kind, name: str, short_name: str, territory: Territory | None = None, **more) -> Organisation:
    address = f"云岭省{territory or '青屏市'}安康路{len(name)}号"
    return Organisation(
        kind=kind, name=name, short_name=short_name, territory=territory, address=address, phone="0990-1000000", **more
    )


def _sites(province: Province, cities: Sequence[City], actor, now) -> None:
    """Those of counties under provincial rule and of functional zones are managed by their city, too [四(三)]."""
    ownership = ExamSite.Ownership
    for city in cities:
        bureau, operator = province.bureaux[city.name], province.operators[city.name]
        own = _site(f"{city.name}安全生产考试点", bureau, operator, city, province, ownership.GOVERNMENT)
        more = [
            _site(name, bureau, operator, city, province, ownership.OTHER, area=area, area_name=area_name)
            for name, area, area_name in city.more_sites
        ]
        province.sites[city.name] = [own, *more]
    province.provincial_sites = [
        _site("云岭省安全生产考试基地", province.centre, None, cities[0], province, ownership.GOVERNMENT)
    ]
    _create(_all_sites(province), ExamSite, actor, now)


def _site(name: str, organiser, operator, city: City, province: Province, ownership: str, **area) -> ExamSite:
    return ExamSite(
        organiser=organiser,
        operator=operator,
        territory=province.territories[city.name],
        name=name,
        ownership=ownership,
        address=f"云岭省{city.name}考试路{city.place}号",
        **area,
    )


def _all_sites(province: Province) -> list[ExamSite]:
    return [site for several in province.sites.values() for site in several] + province.provincial_sites


def _rooms(province: Province, actor, now) -> None:
    rooms = []
    for site in _all_sites(province):
        rooms += [
            ExamRoom(site=site, name="一号机房", part=Part.THEORY, capacity=30),
            ExamRoom(site=site, name="二号机房", part=Part.THEORY, capacity=20),
            ExamRoom(site=site, name="一号实训区", part=Part.PRACTICAL, capacity=16),
            ExamRoom(site=site, name="二号实训区", part=Part.PRACTICAL, capacity=16),
        ]
    _create(rooms, ExamRoom, actor, now)


def _designations(province: Province, cities: Sequence[City], actor, now) -> None:
    edition = CatalogueEdition.objects.in_force(DESIGNATED_FROM)
    groups = list(OperationGroup.objects.filter(edition=edition, category=Category.TWO).order_by("code"))
    designations = [
        Designation(
            territory=province.territories[city.name],
            group=group,
            bureau=province.bureaux[_designated(city, group)],
            document=DESIGNATION_DOCUMENT,
            valid_from=DESIGNATED_FROM,
        )
        for city in cities
        for group in groups
    ]
    _create(designations, Designation, actor, now)


def _designated(city: City, group: OperationGroup) -> str:
    return city.refrigeration_by if city.refrigeration_by and group.code == REFRIGERATION else city.name


def _create(rows: list, model, actor, now) -> list:
    return bulk_create_with_history(rows, model, default_user=actor, default_date=now)
