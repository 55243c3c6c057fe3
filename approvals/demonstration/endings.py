"""Revocations and cancellations in the demonstration: of each fate one."""

from datetime import timedelta

from approvals.endings import ending
from approvals.licences import serving
from approvals.models import EndingCase
from certification.organisations.models import User
from certification.people.models import Certificate, CertificateState
from exams.materials import specimens

_DAY = timedelta(days=1)
_FORGED = {
    "facts": "经核查，原发证档案中的考试记录系伪造，本人未参加考试。",
    "evidence": "原发证机关核查函；考试点监控调取记录",
}
_UNFIT = {"facts": "单位报告本人因病已不适合从事该项作业。", "evidence": "二级医院诊断证明；用人单位报告"}
_ASKED_FOR = {"facts": "本人书面申请注销。", "evidence": "本人签名的注销申请书"}


def play(users: dict[str, User], *, now) -> None:
    """Six of the imported certificates, those of the lowest ids: one revoked after a hearing, with its holder's
    signature for the decision, one cancelled as its holder asked, which is still to be served, one kept; of the others
    one holder is told, one was heard, one case is new."""
    rows = Certificate.objects.filter(state=CertificateState.VALID, source=Certificate.Source.IMPORTED)
    ids = rows.filter(decisions__isnull=True).order_by("pk").values_list("pk", flat=True)
    acts = (_revoke, _tell, _propose, _hear, _keep, _cancel)
    for certificate_id, act in zip(ids[: len(acts)], acts, strict=False):
        act(users, certificate_id, now)


def _revoke(users: dict[str, User], certificate_id: int, now) -> None:
    maker = users["sheng-shenpi"]
    case = ending.propose(
        actor=maker, now=now - 20 * _DAY, certificate_id=certificate_id, ground="FALSE_ENTRY", **_FORGED
    )
    ending.tell(actor=maker, now=now - 19 * _DAY, case_id=case.pk)
    ending.hear(
        actor=users["sheng-shouli"],
        now=now - 9 * _DAY,
        case_id=case.pk,
        hearing_asked=True,
        hearing_held_on=(now - 10 * _DAY).date(),
        statement="本人称由他人代办，对考试记录不知情；未能提供参加考试的证据。",
    )
    opinion = "事实清楚，程序合法，同意撤销。"
    case = ending.decide(actor=users["sheng-fuze"], now=now - 7 * _DAY, case_id=case.pk, opinion=opinion)
    _serve(users["sheng-shouli"], case, now - 5 * _DAY)


def _serve(clerk: User, case: EndingCase, now) -> None:
    """The holder comes and signs for the decision; the signed receipt is kept."""
    name = case.certificate.person.name
    serving.sign_for_ending(
        actor=clerk,
        now=now,
        case_id=case.pk,
        signatory=name,
        signed_on=now.date(),
        note="本人到省政务大厅领取决定书",
        file=("送达回证.jpg", specimens.scan("送达回证", case.number, f"签收人：{name}")),
    )


def _tell(users: dict[str, User], certificate_id: int, now, days: int = 3) -> int:
    """Proposed so many days ago, and told on the next; the case's id."""
    clerk = users["sheng-shouli"]
    case = ending.propose(actor=clerk, now=now - days * _DAY, certificate_id=certificate_id, ground="UNFIT", **_UNFIT)
    ending.tell(actor=clerk, now=now - (days - 1) * _DAY, case_id=case.pk)
    return case.pk


def _propose(users: dict[str, User], certificate_id: int, now) -> int:
    case = ending.propose(
        actor=users["sheng-shouli"],
        now=now - _DAY,
        certificate_id=certificate_id,
        ground="REQUEST",
        **_ASKED_FOR,
    )
    return case.pk


def _hear(users: dict[str, User], certificate_id: int, now) -> int:
    case_id = _tell(users, certificate_id, now, days=6)
    statement = "本人称经治疗已康复，将补交复查证明。"
    ending.hear(
        actor=users["sheng-shouli"], now=now - 2 * _DAY, case_id=case_id, hearing_asked=False, statement=statement
    )
    return case_id


def _keep(users: dict[str, User], certificate_id: int, now) -> None:
    case_id = _hear(users, certificate_id, now)
    opinion = "复查证明本人符合健康要求，不予撤销。"
    ending.drop(actor=users["sheng-fuze"], now=now - _DAY, case_id=case_id, opinion=opinion)


def _cancel(users: dict[str, User], certificate_id: int, now) -> None:
    case_id = _propose(users, certificate_id, now)
    ending.decide(actor=users["sheng-shenpi"], now=now, case_id=case_id, opinion="本人申请，予以注销。")
