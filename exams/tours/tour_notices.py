"""Who is told of a tour, of its answer and its end, of a remedy that is overdue, of a site suspended."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from certification.deadlines import consequences
from certification.deadlines.models import Deadline
from certification.notices.sending import notify, notify_role
from certification.organisations import offices
from certification.organisations.models import Organisation, OrganisationKind
from certification.organisations.roles import Role
from exams.models import InspectionTour

REMEDIES = ("tour_urgent", "tour_serious", "tour_ordinary")


def register() -> None:
    """Tell the sweep; called when the app is ready."""
    for remedy in REMEDIES:
        consequences.register(remedy, remedy_missed)


def tour_url(tour: InspectionTour) -> str:
    """The tour's page."""
    return reverse("exams:tour", args=[tour.pk])


def tell_toured(tour: InspectionTour, findings: int, *, now) -> None:
    """Tell the organiser what came of the tour."""
    came = f"发现 {findings} 项问题，请限期整改" if findings else "未发现问题"
    _tell_organiser(tour, f"{tour.organisation.short_name}巡考{tour.session.site}：{came}", tour.remarks, now=now)


def tell_about(tour: InspectionTour, *, now) -> None:
    """Tell the supervisors of training in the institution's city, who check its classes: the tour concerns it."""
    title = f"巡考发现涉及{tour.about.short_name}：{tour.session.site}（{tour.number}）"
    city = Organisation.objects.filter(kind=OrganisationKind.CITY_BUREAU, territory=tour.about.territory_id).first()
    if city:
        body = f"{tour.remarks} 请对该机构开展培训检查。"
        notify_role(Role.CITY_SUPERVISOR, city, title=title, body=body, url=tour_url(tour), about=tour, now=now)


def tell_answered(tour: InspectionTour, *, now) -> None:
    """Tell whoever toured, and the colleagues who may judge in their place."""
    title = f"巡考整改情况待复核：{tour}"
    office, url = offices.inspector(tour.organisation), tour_url(tour)
    notify_role(office, tour.organisation, title=title, url=url, about=tour, now=now)


def tell_judged(tour: InspectionTour, word: str, opinion: str, *, now) -> None:
    """Tell the organiser how its answer was found."""
    _tell_organiser(tour, f"{word}：{tour}", f"意见：{opinion}" if opinion else "", now=now)


def tell_suspension(tour: InspectionTour, restored: bool, reason: str, *, now) -> None:
    """Tell the organiser that the tour suspends the site, or does not any more."""
    word = "恢复使用" if restored else "暂停使用"
    _tell_organiser(tour, f"考试点{word}：{tour.session.site}", f"理由：{reason}", now=now)


def remedy_missed(deadline: Deadline, now: datetime) -> None:
    """Warn inspector and organiser of a remedy that is overdue; nothing else follows from it by itself."""
    if deadline.subject_type_id != ContentType.objects.get_for_model(InspectionTour).pk:
        return
    tour = InspectionTour.objects.to_remedy().for_display().filter(pk=deadline.subject_id).first()
    if tour is None:
        return
    title = f"巡考整改逾期：{tour}"
    _tell_organiser(tour, title, "请立即整改并报送整改情况；逾期报送的标注逾期。", now=now)
    body = "考试组织单位没有按时报送整改情况。"
    notify([tour.inspector], title=title, body=body, url=tour_url(tour), about=tour, now=now)


def _tell_organiser(tour: InspectionTour, title: str, body: str, *, now) -> None:
    organiser, url = tour.session.organiser, tour_url(tour)
    notify_role(offices.exam_officer(organiser), organiser, title=title, body=body, url=url, about=tour, now=now)
