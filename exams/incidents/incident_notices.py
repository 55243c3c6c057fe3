"""Who is told of an incident and of each step of it."""

from django.urls import reverse

from certification import clock
from certification.notices.sending import notify_role
from certification.organisations import offices
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from exams.day_states import IncidentState
from exams.incidents import acts
from exams.models import Incident


def incident_url(incident: Incident) -> str:
    """The incident's page."""
    return reverse("exams:incident", args=[incident.pk])


def tell_reported(incident: Incident, *, now) -> None:
    """Tell the organiser's officers, who propose what follows."""
    _tell_organiser(offices.exam_officer, f"考场异常情况待处理：{incident}", incident, now=now)


def tell_proposed(incident: Incident, *, now) -> None:
    """Tell the organiser's head, who decides."""
    _tell_organiser(offices.head, f"违纪处理待决定：{incident}", incident, now=now)


def tell_sent_back(incident: Incident, *, now) -> None:
    """Tell the officers that more has to be found out."""
    _tell_organiser(offices.exam_officer, f"退回重新调查：{incident}", incident, now=now)


def tell_dismissed(incident: Incident, *, now) -> None:
    """Tell the officers that nothing follows."""
    _tell_organiser(offices.exam_officer, f"不予处理：{incident}", incident, now=now)


def tell_review_asked(incident: Incident, *, now) -> None:
    """Tell the provincial head, who reviews."""
    centre, url = Organisation.objects.provincial_centre(), incident_url(incident)
    notify_role(Role.PROVINCIAL_HEAD, centre, title=f"违纪处理复核：{incident}", url=url, about=incident, now=now)


def tell_decided(incident: Incident, word: str, *, now) -> None:
    """The organiser's officers and the institution, who tells the candidate."""
    title = f"考试违纪处理（{word}）：{incident}"
    body = f"{incident.review_decision or incident.decision}"
    if incident.state == IncidentState.DECIDED:
        days = acts.review_days(clock.day_of(incident.decided_at))
        body += f" 请告知本人：不服的，可自被告知之日起{days}日内申请复核，也可依法申请行政复议或者提起行政诉讼。"
    application = incident.candidate.application if incident.candidate else None
    about = [incident, *filter(None, [application])]
    told = {"title": title, "body": body, "url": incident_url(incident), "now": now}
    organiser = incident.session.organiser
    notify_role(offices.exam_officer(organiser), organiser, about=about, **told)
    if application:
        notify_role(Role.INSTITUTION_FILER, application.institution, about=about, **told)


def _tell_organiser(office: offices.Office, title: str, incident: Incident, *, now) -> None:
    organiser, url = incident.session.organiser, incident_url(incident)
    notify_role(office(organiser), organiser, title=title, url=url, about=incident, now=now)
