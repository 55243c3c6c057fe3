"""Who reviews and who organises (rules 1.2, 1.3): follows from job type and city; the filer never chooses."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certification.catalogue.models import Category, JobType
from certification.organisations.models import Designation, Organisation, OrganisationKind
from certification.refusals import Refusal


@dataclass(frozen=True)
class Route:
    """Where a filing goes. ``organiser`` is also the first reviewer; for Category 1 it is the provincial centre."""

    category: Category
    organiser: Organisation
    province: Organisation

    @property
    def recipients(self) -> tuple[Organisation, ...]:
        """Whom a training plan is filed with [三(一)]: the province, and for Category 2 the organising city too."""
        return (self.province,) if self.category == Category.ONE else (self.province, self.organiser)


def category_organised(*, by_province: bool) -> Category:
    """What the province organises is Category 1, what a city organises Category 2 (rules 1.2)."""
    return Category.ONE if by_province else Category.TWO


def organised_as(category: Category, organiser: str = "organiser") -> Q:
    """``category_organised`` as a condition: the rows whose ``organiser`` (a lookup path) organises ``category``."""
    province = Q(**{f"{organiser}__kind": OrganisationKind.PROVINCIAL_CENTRE})
    return province if category == category_organised(by_province=True) else ~province


def route_for(job_type: JobType, institution: Organisation, day: date) -> Route:
    """The route through the designations in force on ``day`` (the filing date).

    Raises Refusal ``no_designation`` where no city bureau is designated for a Category 2 group.
    """
    province = Organisation.objects.provincial_centre()
    if job_type.category == Category.ONE:
        return Route(Category.ONE, province, province)
    designation = (
        Designation.objects.in_force(day)
        .filter(territory=institution.territory_id, group=job_type.group_id)
        .select_related("bureau")
        .first()
    )
    if designation is None:
        raise Refusal(
            f"{institution.territory}的{job_type.group}尚未指定考试组织单位。",
            code="no_designation",
            clause="方案二",
            advice="请联系省厅考试中心。",
        )
    return Route(Category.TWO, designation.bureau, province)
