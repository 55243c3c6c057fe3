"""What approvals tells the kernel's and the exams' registries; called once from ``AppConfig.ready``."""

from datetime import date

from approvals import access, claims, figures, separation_sources, timed_cases, todo
from approvals.assignments import assigning
from approvals.bars import after_incidents
from approvals.certificates import electronic, register_importing
from approvals.corrections import correcting
from approvals.dossiers import sealing
from approvals.dossiers.opening import open_dossier
from approvals.finding import find
from approvals.licences import platform_return
from approvals.models import DecisionOutcome
from approvals.reviews import notes, telling
from approvals.states import (
    BarState,
    BatchState,
    BlankState,
    CardState,
    DossierState,
    EndingState,
    ExtensionState,
    LicenceState,
    NoticeState,
    ProposalState,
)
from certification.imports import purposes
from certification.jobs import errands
from certification.people.checks import known
from certification.people.models import CertificateState, NameStanding
from certification.portal import audit, navigation, search, timeline, tones
from certification.portal import todo as home
from certification.portal.plan import screens
from certification.portal.tones import Tone
from certification.rulebook import meaning
from certification.workdays.wording import plain_day
from exams.applications import answers, opinions
from exams.applications.reviewing import on_moved
from exams.sessions.assigning import on_first_assigned


def register() -> None:
    """Fill the registries."""
    after_incidents.register()
    separation_sources.register_sources()
    meaning.register(electronic.AREA, electronic.rule_problems)
    timed_cases.register()
    if open_dossier not in on_first_assigned:
        on_first_assigned.append(open_dossier)
    on_moved.extend(hook for hook in (correcting.close_moved, assigning.end_moved) if hook not in on_moved)
    home.register(todo.lines)
    home.register(figures.lines)
    search.register(find)
    purposes.register(register_importing.PURPOSE)
    purposes.register(platform_return.PURPOSE)
    known.register_elsewhere(claims.elsewhere)
    opinions.register(telling.opinions_for)
    answers.register(correcting.BOOK)
    timeline.keep_inside("exams.ExamApplication", (*telling.BETWEEN_TIERS, *assigning.STEP_LABELS))
    timeline.register("exams.ExamApplication", assigning.STEP_LABELS)
    navigation.register("资格审核", "approvals:reviews", "approvals.view_reviews", 250, "review")
    navigation.register("补正通知", "approvals:corrections", "approvals.view_corrections", 260, "forward")
    navigation.register("办理分派", "approvals:assignments", "approvals.view_reviews", 255, "people")
    timeline.register("exams.ExamApplication", {notes.MESSAGE: "给申报单位发消息"})
    timeline.register("approvals.InternalNote", {notes.NOTE: "写内部备注"})
    for label, url_name, code, order, icon in access.PLACES:
        navigation.register(label, url_name, code, order, icon, group=navigation.Group.LICENCES)
    errands.register(errands.Kind(sealing.SEAL, "封存档案", sealing.do_seal))
    errands.register(errands.Kind(sealing.APPEND, "补充归档", sealing.do_append))
    _register_tones()
    _register_labels()
    _register_screens()
    _register_audit()


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
            LicenceState.NOT_ACCEPTED: Tone.REFUSED,
            LicenceState.WITHDRAWN: Tone.WAITING,
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
        "approvals.CardBlank",
        {
            BlankState.IN_STOCK: Tone.WAITING,
            BlankState.PRINTED: Tone.UNDERWAY,
            BlankState.HANDED_OVER: Tone.DONE,
            BlankState.SPOILED: Tone.ATTENTION,
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
    tones.register(
        "approvals.DecisionProposal",
        {
            ProposalState.PROPOSED: Tone.UNDERWAY,
            ProposalState.APPROVED: Tone.DONE,
            ProposalState.SENT_BACK: Tone.ATTENTION,
            ProposalState.WITHDRAWN: Tone.WAITING,
        },
    )
    tones.register(
        "approvals.EndingCase",
        {
            EndingState.PROPOSED: Tone.UNDERWAY,
            EndingState.TOLD: Tone.UNDERWAY,
            EndingState.HEARD: Tone.UNDERWAY,
            EndingState.DECIDED: Tone.REFUSED,
            EndingState.DROPPED: Tone.WAITING,
        },
    )
    tones.register(
        "approvals.BarCase",
        {
            BarState.PROPOSED: Tone.UNDERWAY,
            BarState.IMPOSED: Tone.REFUSED,
            BarState.DECLINED: Tone.WAITING,
            BarState.LIFTED: Tone.DONE,
        },
    )
    tones.register(
        "approvals.CorrectionNotice",
        {
            NoticeState.OPEN: Tone.ATTENTION,
            NoticeState.ANSWERED: Tone.DONE,
            NoticeState.WITHDRAWN: Tone.WAITING,
            NoticeState.ENDED: Tone.WAITING,
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
    tones.register("approvals.PreparedOpinion", outcomes, field="outcome")
    made = {"GRANTED": Tone.DONE, "REFUSED": Tone.REFUSED, "NOT_ACCEPTED": Tone.REFUSED}
    for label in ("approvals.Decision", "approvals.DecisionProposal"):
        tones.register(label, made, field="outcome")


def _register_labels() -> None:
    timeline.register("approvals.ReasonText", {"keep_reason": "登记或者更改"})
    timeline.register(
        "approvals.Dossier",
        {
            "open": "建档",
            "append": lambda detail: f"第 {detail.get('number', '')} 次补充归档（{detail.get('items', '')} 个文件）",
            "hold": "冻结",
            "lift_hold": "解除冻结",
        },
    )
    timeline.register(
        "approvals.LicenceApplication", {"prepare": "生成发证许可申请", "platform_returned": "核对平台返回文件"}
    )
    timeline.register(
        "approvals.LicenceApplicant",
        {
            "pause": lambda detail: f"中止计算期限（{detail.get('kind', '')}）",
            "resume": lambda detail: f"恢复计算期限，中止至{detail.get('until', '')}",
            "propose_extension": "提请延长法定时限",
            "withdraw_extension": "撤回延长提请",
            "decline_extension": "不批准延长法定时限",
            "propose_decision": _proposed,
            "send_back_decision": "退回拟办意见",
            "withdraw_decision": "撤回拟办意见",
            "extend": lambda detail: f"批准延长法定时限 {detail.get('days', '')} 个工作日",
        },
    )
    timeline.register("approvals.ExtensionProposal", {"propose": "提请延长"})
    timeline.register("approvals.EndingCase", {"propose": "提请撤销、注销", "serve": "送达"})
    timeline.register("approvals.BarCase", {"propose": "提请禁考"})
    timeline.register("approvals.CorrectionNotice", {"see_notice": "已查收", "fetch_letter": "已下载补正通知书"})
    timeline.keep_inside(
        "approvals.LicenceApplicant",
        (
            *("propose_extension", "withdraw_extension", "decline_extension"),
            *("propose_decision", "send_back_decision", "withdraw_decision"),
        ),
    )
    timeline.register(
        "exams.ExamApplication",
        {
            "record_provincial_review": "省级审核记录",
            "reveal_number": "查看完整证件号码",
            "prepare_opinion": lambda detail: f"拟定意见：{detail.get('said', '')}",
            "take_back_opinion": "撤回拟定的意见",
        },
    )
    timeline.register(
        "people.Certificate",
        {
            "issue": "核发",
            "record_review": "复审合格",
            "extend": _extended,
            "renumber": lambda detail: f"证号变更：{detail.get('before', '')} → {detail.get('now', '')}",
            "put_off_review": lambda detail: f"有效期内不再复审（原应于{detail.get('before', '')}复审）",
        },
    )
    timeline.register("people.RegisterImport", {"import_register": "导入"})
    timeline.register(
        "people.Person",
        {
            "note_name": lambda detail: (
                f"{detail.get('source') or '申报'}所填姓名不同：{'、'.join(detail.get('names', []))}"
            ),
            "correct_name": lambda detail: f"更正姓名：{detail.get('before', '')} → {detail.get('now', '')}",
            "change_document": lambda detail: f"变更证件：{detail.get('before', '')} → {detail.get('now', '')}",
            "dismiss_name": lambda detail: f"排除姓名“{detail.get('name', '')}”",
            "declare": lambda detail: f"退休申报：{detail.get('said', '')}",
        },
    )


def _extended(detail: dict) -> str:
    days = (detail.get(name) for name in ("before", "until"))
    return f"延长有效期：{' → '.join(plain_day(date.fromisoformat(day)) for day in days if day)}"


def _proposed(detail: dict) -> str:
    outcome = detail.get("outcome")
    return f"拟办：{DecisionOutcome(outcome).label}" if outcome else "拟办意见"


def _register_screens() -> None:
    for clause, label, url_name in (
        ("二", "市级初审、省级审核的两级衔接", "approvals:classes"),
        ("三(二)1", "资格审核（初审、省级审核）", "approvals:reviews"),
        ("三(二)1", "认领、分派、转办", "approvals:assignments"),
        ("三(二)1", "分批移交和移交单", "approvals:handovers"),
        ("三(二)1", "班级各级审核情况", "approvals:classes"),
        ("三(二)1", "审核结果反馈", "approvals:reviewed"),
        ("三(二)1", "补正通知（一次性告知）", "approvals:corrections"),
        ("三(二)1", "逾期的市级审核", "approvals:takeovers"),
        ("三(二)1", "提级审核", "approvals:taken_over"),
        ("三(二)1", "常用审核理由", "approvals:reasons"),
        ("三(二)2", "市级审核", "approvals:reviews"),
        ("三(二)2", "认领、分派、转办", "approvals:assignments"),
        ("三(二)2", "分批移交和移交单", "approvals:handovers"),
        ("三(二)2", "市级审核报告、异议和省级审核记录", "approvals:reports"),
        ("三(二)2", "补正通知（一次性告知）", "approvals:corrections"),
        ("三(二)2", "逾期的市级审核", "approvals:takeovers"),
        ("三(二)2", "提级审核", "approvals:taken_over"),
        ("三(三)", "发证许可申请和平台报送", "approvals:licences"),
        ("三(三)", "全国平台台账和返回文件核对", "approvals:platform"),
        ("三(四)", "受理和核对", "approvals:acceptance"),
        ("三(四)", "许可决定", "approvals:deciding"),
        ("三(四)", "拟办意见的复核和批准", "approvals:confirming"),
        ("三(四)", "决定期限的中止和延长", "approvals:clock_desk"),
        ("三(四)", "决定书和送达", "approvals:decisions"),
        ("三(五)", "证书登记", "approvals:certificates"),
        ("三(五)", "证书登记导入", "approvals:register_imports"),
        ("四(四)", "应复审和到期换证预测", "approvals:forecast"),
        ("三(五)", "操作证撤销和注销", "approvals:endings"),
        ("三(五)", "实体证书", "approvals:cards"),
        ("三(五)", "空白证件库存和制证登记", "approvals:card_stock"),
        ("四(二)", "一人一档：人员和姓名核对", "approvals:persons"),
        ("四(二)", "资格审查", "approvals:reviews"),
        ("四(二)", "禁考：提请、决定、申诉、解除", "approvals:bars"),
        ("四(二)", "一期一档", "approvals:dossiers"),
        ("四(四)", "考生查询：进度、准考证、成绩、决定书", "public:lookup"),
        ("四(四)", "电子证书下载指引", "public:guide"),
        ("三(五)", "电子证书下载指引", "public:guide"),
    ):
        screens.register(clause, label, url_name)


def _register_audit() -> None:
    """How the auditor names the cases of every storey."""
    applicant = "candidate__application"
    for label, number, person in (
        ("people.Person", "", "pk"),
        ("people.Certificate", "number", "person"),
        ("training.TrainingPlan", "number", ""),
        ("training.Trainee", "", "person"),
        ("exams.ExamApplication", "number", "person"),
        ("exams.Candidate", "ticket_number", "application__person"),
        ("exams.ExamSession", "number", ""),
        ("exams.ExamPlan", "number", ""),
        ("exams.DeclarationText", "title__contains", ""),
        ("approvals.LicenceApplication", "number", ""),
        ("approvals.LicenceApplicant", f"{applicant}__number", f"{applicant}__person"),
        ("approvals.Dossier", "number", ""),
        ("approvals.BarCase", "number", "person"),
        ("approvals.EndingCase", "number", "certificate__person"),
        ("approvals.InternalNote", "application__number", "application__person"),
    ):
        audit.register(label, number=number, person=person)
