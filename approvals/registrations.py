"""What approvals tells the kernel's and the exams' registries; called once from ``AppConfig.ready``."""

from approvals import access, claims, figures, register_importing, separation_sources, telling, timed_cases, todo
from approvals.dossiers import open_dossier
from approvals.finding import find
from approvals.states import BatchState, CardState, DossierState, ExtensionState, LicenceState
from certification.imports import purposes
from certification.people.checks import known
from certification.people.models import CertificateState, NameStanding
from certification.portal import navigation, search, timeline, tones
from certification.portal import todo as home
from certification.portal.plan import screens
from certification.portal.tones import Tone
from exams import opinions
from exams.assigning import on_first_assigned


def register() -> None:
    """Fill the registries."""
    separation_sources.register_sources()
    timed_cases.register()
    if open_dossier not in on_first_assigned:
        on_first_assigned.append(open_dossier)
    home.register(todo.lines)
    home.register(figures.lines)
    search.register(find)
    purposes.register(register_importing.PURPOSE)
    known.register_elsewhere(claims.elsewhere)
    opinions.register(telling.opinions_for)
    timeline.keep_inside("exams.ExamApplication", telling.BETWEEN_TIERS)
    navigation.register("资格审核", "approvals:reviews", "approvals.view_reviews", 250, "review")
    for label, url_name, code, order, icon in access.PLACES:
        navigation.register(label, url_name, code, order, icon, group=navigation.Group.LICENCES)
    _register_tones()
    _register_labels()
    _register_screens()


def _register_tones() -> None:
    tones.register(
        "approvals.LicenceApplication",
        {BatchState.PREPARED: Tone.WAITING, BatchState.SUBMITTED: Tone.UNDERWAY},
    )
    tones.register(
        "approvals.LicenceApplicant",
        {
            LicenceState.PREPARED: Tone.WAITING,
            LicenceState.SUBMITTED: Tone.UNDERWAY,
            LicenceState.CORRECTION: Tone.ATTENTION,
            LicenceState.ACCEPTED: Tone.UNDERWAY,
            LicenceState.RECONCILED: Tone.UNDERWAY,
            LicenceState.GRANTED: Tone.DONE,
            LicenceState.REFUSED: Tone.REFUSED,
            LicenceState.SERVED: Tone.DONE,
        },
    )
    tones.register(
        "approvals.CardRequest",
        {
            CardState.REQUESTED: Tone.UNDERWAY,
            CardState.PRINTED: Tone.UNDERWAY,
            CardState.HANDED_OVER: Tone.DONE,
            CardState.CANCELLED: Tone.WAITING,
        },
    )
    tones.register(
        "approvals.ExtensionProposal",
        {
            ExtensionState.REQUESTED: Tone.UNDERWAY,
            ExtensionState.APPROVED: Tone.DONE,
            ExtensionState.DECLINED: Tone.REFUSED,
            ExtensionState.WITHDRAWN: Tone.WAITING,
            ExtensionState.LAPSED: Tone.WAITING,
        },
    )
    tones.register("approvals.Dossier", {DossierState.OPEN: Tone.UNDERWAY, DossierState.SEALED: Tone.DONE})
    tones.register(
        "people.Certificate",
        {
            CertificateState.VALID: Tone.DONE,
            CertificateState.REPLACED: Tone.WAITING,
            CertificateState.REVOKED: Tone.REFUSED,
            CertificateState.CANCELLED: Tone.WAITING,
        },
    )
    tones.register(
        "people.PersonName",
        {NameStanding.OPEN: Tone.ATTENTION, NameStanding.CURRENT: Tone.DONE},
        field="standing",
    )
    outcomes = {
        "PASS": Tone.DONE,
        "RETURN": Tone.ATTENTION,
        "RETURN_TO_CITY": Tone.ATTENTION,
        "PROPOSE_REFUSAL": Tone.ATTENTION,
        "REFUSE": Tone.REFUSED,
        "OBJECT": Tone.ATTENTION,
    }
    tones.register("approvals.Review", outcomes, field="outcome")
    tones.register("approvals.Decision", {"GRANTED": Tone.DONE, "REFUSED": Tone.REFUSED}, field="outcome")


def _register_labels() -> None:
    timeline.register("approvals.Dossier", {"open": "建档"})
    timeline.register("approvals.LicenceApplication", {"prepare": "生成发证许可申请"})
    timeline.register("exams.ExamApplication", {"record_provincial_review": "省级审核记录"})
    timeline.register(
        "approvals.LicenceApplicant",
        {
            "pause": lambda detail: f"中止计算期限（{detail.get('kind', '')}）",
            "resume": lambda detail: f"恢复计算期限，中止至{detail.get('until', '')}",
            "propose_extension": "提请延长法定时限",
            "withdraw_extension": "撤回延长提请",
            "decline_extension": "不批准延长法定时限",
            "extend": lambda detail: f"批准延长法定时限 {detail.get('days', '')} 个工作日",
        },
    )
    timeline.register("approvals.ExtensionProposal", {"propose": "提请延长"})
    timeline.keep_inside("approvals.LicenceApplicant", ("propose_extension", "withdraw_extension", "decline_extension"))
    timeline.register(
        "exams.ExamApplication",
        {"record_provincial_review": "省级审核记录", "reveal_number": "查看完整证件号码"},
    )
    timeline.register("people.Certificate", {"issue": "核发", "record_review": "复审合格"})
    timeline.register("people.RegisterImport", {"import_register": "导入"})
    timeline.register(
        "people.Person",
        {
            "correct_name": lambda detail: f"更正姓名：{detail.get('before', '')} → {detail.get('now', '')}",
            "dismiss_name": lambda detail: f"排除姓名“{detail.get('name', '')}”",
            "declare": lambda detail: f"退休申报：{detail.get('said', '')}",
        },
    )


def _register_screens() -> None:
    for clause, label, url_name in (
        ("三(二)1", "资格审核（初审、省级审核）", "approvals:reviews"),
        ("三(二)1", "审核结果反馈", "approvals:reviewed"),
        ("三(二)2", "市级审核", "approvals:reviews"),
        ("三(二)2", "市级审核报告和省级审核记录", "approvals:reports"),
        ("三(三)", "发证许可申请和平台报送", "approvals:licences"),
        ("三(四)", "受理和核对", "approvals:acceptance"),
        ("三(四)", "许可决定", "approvals:deciding"),
        ("三(四)", "决定期限的中止和延长", "approvals:clock_desk"),
        ("三(四)", "决定书和送达", "approvals:decisions"),
        ("三(五)", "证书登记", "approvals:certificates"),
        ("三(五)", "证书登记导入", "approvals:register_imports"),
        ("三(五)", "实体证书", "approvals:cards"),
        ("四(二)", "一人一档：人员和姓名核对", "approvals:persons"),
        ("四(二)", "资格审查", "approvals:reviews"),
        ("四(二)", "一期一档", "approvals:dossiers"),
    ):
        screens.register(clause, label, url_name)
