"""Who is told of a spot check, of its answer and its end, and of a remedy that is overdue (rules 2.5)."""

from datetime import datetime

from django.urls import reverse

from certification.deadlines.models import Deadline
from certification.notices.sending import notify, notify_role
from certification.organisations import offices
from certification.organisations.roles import Role
from training.models import SpotCheck


def check_url(check: SpotCheck | int) -> str:
    """The check's page."""
    return reverse("training:check", args=[getattr(check, "pk", check)])


def tell_checked(check: SpotCheck, findings: int, *, now) -> None:
    """Tell the institution what came of the visit."""
    came = f"发现 {findings} 项问题，请限期整改" if findings else "未发现问题"
    _tell_institution(check, f"{check.organisation.short_name}检查了{check.plan}：{came}", check.remarks, now=now)


def tell_answered(check: SpotCheck, *, now) -> None:
    """Tell whoever checked, and the colleagues who may judge in their place."""
    title = f"整改情况待复核：{check}"
    office, url = offices.inspector(check.organisation), check_url(check)
    notify_role(office, check.organisation, title=title, url=url, about=check, now=now)


def tell_judged(check: SpotCheck, word: str, opinion: str, *, now) -> None:
    """Tell the institution how its answer was found."""
    _tell_institution(check, f"{word}：{check}", f"意见：{opinion}" if opinion else "", now=now)


def remedy_missed(deadline: Deadline, now: datetime) -> None:
    """Warn inspector and institution of a remedy that is overdue; nothing else follows from it by itself."""
    checks = SpotCheck.objects.to_remedy().filter(pk=deadline.subject_id)
    check = checks.select_related("plan__institution", "plan__job_type", "organisation", "inspector").first()
    if check is None:
        return
    title = f"培训检查整改逾期：{check}"
    _tell_institution(check, title, "请立即整改并报送整改情况；逾期报送的标注逾期。", now=now)
    body = "培训机构没有按时报送整改情况。"
    notify([check.inspector], title=title, body=body, url=check_url(check), about=check, now=now)


def _tell_institution(check: SpotCheck, title: str, body: str, *, now) -> None:
    institution, url = check.plan.institution, check_url(check)
    notify_role(Role.INSTITUTION_FILER, institution, title=title, body=body, url=url, about=check, now=now)
