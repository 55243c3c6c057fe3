"""Who may do what in approvals (rules 4a), and the action that every page needs."""

from certification.organisations.roles import Role

REVIEWERS = [Role.CITY_REVIEWER, Role.PROVINCIAL_REVIEWER]
HEADS = [Role.CITY_HEAD, Role.PROVINCIAL_HEAD]
EXAM_OFFICERS = [Role.CITY_EXAM_OFFICER, Role.PROVINCIAL_EXAM_OFFICER]
DECIDERS = [Role.PROVINCIAL_ACCEPTANCE_CLERK, Role.PROVINCIAL_DECISION_MAKER]

ACTIONS = [
    ("approvals.view_reviews", "查看资格审核", [*REVIEWERS, *HEADS, Role.AUDITOR]),
    (
        "approvals.view_case",
        "查看审核事项",
        [*REVIEWERS, *HEADS, *DECIDERS, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    ("approvals.review_city", "初审和市级审核", [Role.CITY_REVIEWER]),
    ("approvals.review_province", "省级审核", [Role.PROVINCIAL_REVIEWER]),
    ("approvals.view_licences", "查看发证许可申请", [*EXAM_OFFICERS, *DECIDERS, *HEADS, Role.AUDITOR]),
    ("approvals.prepare_licences", "提交发证许可申请", EXAM_OFFICERS),
    ("approvals.accept_licences", "受理和核对", [Role.PROVINCIAL_ACCEPTANCE_CLERK]),
    ("approvals.decide_licences", "作出许可决定", [Role.PROVINCIAL_DECISION_MAKER]),
    (
        "approvals.view_decisions",
        "查看许可决定",
        [*EXAM_OFFICERS, *DECIDERS, *REVIEWERS, *HEADS, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    ("approvals.pause_clocks", "中止和恢复计算决定期限", DECIDERS),
    ("approvals.propose_extension", "提请延长决定期限", DECIDERS),
    ("approvals.approve_extension", "批准延长决定期限", [Role.PROVINCIAL_HEAD]),
    ("approvals.view_clock_desk", "查看中止和延长", [*DECIDERS, Role.PROVINCIAL_HEAD, Role.AUDITOR]),
    (
        "approvals.view_clocks",
        "查看决定期限和告知书",
        [*EXAM_OFFICERS, *DECIDERS, *REVIEWERS, *HEADS, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    ("approvals.serve_decisions", "送达许可决定", [Role.PROVINCIAL_ACCEPTANCE_CLERK]),
    (
        "approvals.view_certificates",
        "查看证书",
        [*EXAM_OFFICERS, *DECIDERS, *REVIEWERS, *HEADS, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    # Whoever works on cases of people; windows and the staff of a day see a person only at their desk.
    (
        "approvals.view_persons",
        "查看人员",
        [*EXAM_OFFICERS, *DECIDERS, *REVIEWERS, *HEADS, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    ("approvals.settle_names", "核对和更正姓名", [Role.PROVINCIAL_ACCEPTANCE_CLERK]),
    ("approvals.declare_facts", "登记退休申报", [Role.INSTITUTION_FILER, Role.PROVINCIAL_ACCEPTANCE_CLERK]),
    # Why the acceptance clerk: see approvals/register_importing.py.
    ("approvals.import_register", "导入证书登记", [Role.PROVINCIAL_ACCEPTANCE_CLERK]),
    (
        "approvals.view_register_imports",
        "查看证书登记导入",
        [*DECIDERS, Role.PROVINCIAL_REVIEWER, Role.PROVINCIAL_HEAD, Role.AUDITOR],
    ),
    ("approvals.view_cards", "查看实体证书", [Role.WINDOW_CLERK, *HEADS, Role.AUDITOR]),
    ("approvals.handle_cards", "办理实体证书", [Role.WINDOW_CLERK]),
    (
        "approvals.view_dossiers",
        "查看档案",
        [*EXAM_OFFICERS, *REVIEWERS, *HEADS, Role.PROVINCIAL_INSPECTOR, Role.AUDITOR, Role.INSTITUTION_FILER],
    ),
    ("approvals.seal_dossiers", "封存档案", EXAM_OFFICERS),
]

URLS = {
    "approvals:reviews": "approvals.view_reviews",
    "approvals:reviewed": "approvals.view_reviews",
    "approvals:reports": "approvals.review_province",
    "approvals:record": "approvals.review_province",
    "approvals:bulk": "approvals.view_reviews",
    "approvals:case": "approvals.view_case",
    "approvals:licences": "approvals.view_licences",
    "approvals:licence_prepare": "approvals.prepare_licences",
    "approvals:licence": "approvals.view_licences",
    "approvals:licence_submit": "approvals.prepare_licences",
    "approvals:licence_send_again": "approvals.prepare_licences",
    "approvals:acceptance": "approvals.accept_licences",
    "approvals:acceptance_act": "approvals.accept_licences",
    "approvals:deciding": "approvals.decide_licences",
    "approvals:grant": "approvals.decide_licences",
    "approvals:refuse": "approvals.decide_licences",
    "approvals:applicant": "approvals.view_licences",
    "approvals:clocks": "approvals.view_clocks",
    "approvals:clock_desk": "approvals.view_clock_desk",
    "approvals:pause": "approvals.pause_clocks",
    "approvals:resume": "approvals.pause_clocks",
    "approvals:extension_propose": "approvals.propose_extension",
    "approvals:extension_decide": "approvals.approve_extension",
    "approvals:extension_withdraw": "approvals.propose_extension",
    "approvals:clock_notices": "approvals.view_clocks",
    "approvals:clock_paper": "approvals.view_clocks",
    "approvals:decisions": "approvals.view_decisions",
    "approvals:letter": "approvals.view_decisions",
    "approvals:serve": "approvals.serve_decisions",
    "approvals:certificates": "approvals.view_certificates",
    "approvals:certificate": "approvals.view_certificates",
    "approvals:register_imports": "approvals.view_register_imports",
    "approvals:register_upload": "approvals.import_register",
    "approvals:register_template": "approvals.import_register",
    "approvals:register_import": "approvals.view_register_imports",
    "approvals:persons": "approvals.view_persons",
    "approvals:person": "approvals.view_persons",
    "approvals:person_number": "approvals.view_persons",
    "approvals:person_rename": "approvals.settle_names",
    "approvals:person_declare": "approvals.declare_facts",
    "approvals:person_name_dismiss": "approvals.settle_names",
    "approvals:cards": "approvals.view_cards",
    "approvals:card_request": "approvals.handle_cards",
    "approvals:card_print": "approvals.handle_cards",
    "approvals:card_hand_over": "approvals.handle_cards",
    "approvals:card_cancel": "approvals.handle_cards",
    "approvals:dossiers": "approvals.view_dossiers",
    "approvals:dossier": "approvals.view_dossiers",
    "approvals:dossier_part": "approvals.view_dossiers",
    "approvals:dossier_seal": "approvals.seal_dossiers",
}

# Label, view, action, place in the order, icon; in the navigation under their own heading.
PLACES = [
    ("发证许可申请", "approvals:licences", "approvals.view_licences", 500, "forward"),
    ("受理核对", "approvals:acceptance", "approvals.accept_licences", 510, "review"),
    ("作出决定", "approvals:deciding", "approvals.decide_licences", 520, "decision"),
    ("中止和延长", "approvals:clock_desk", "approvals.view_clock_desk", 525, "clock"),
    ("许可决定", "approvals:decisions", "approvals.view_decisions", 530, "decision"),
    ("期限告知书", "approvals:clock_notices", "approvals.view_clocks", 540, "file"),
    ("证书", "approvals:certificates", "approvals.view_certificates", 600, "certificate"),
    ("证书登记导入", "approvals:register_imports", "approvals.view_register_imports", 605, "forward"),
    ("实体证书", "approvals:cards", "approvals.view_cards", 610, "card"),
    ("人员", "approvals:persons", "approvals.view_persons", 690, "people"),
    ("档案", "approvals:dossiers", "approvals.view_dossiers", 700, "dossier"),
]
