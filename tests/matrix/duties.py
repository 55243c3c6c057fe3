"""Who may do what, written out from rules 4a; not derived from the code that it is compared with.

ACTS change something; each stands in the row of its role. READS only show; rules 5 and 4a (the auditor reads
everything, the administrator reads no materials, staff of the day see what their session needs) say who.
"""

FILER = {"INSTITUTION_FILER"}
CITY_REVIEWER, PROVINCIAL_REVIEWER = {"CITY_REVIEWER"}, {"PROVINCIAL_REVIEWER"}
REVIEWERS = CITY_REVIEWER | PROVINCIAL_REVIEWER
OFFICERS = {"CITY_EXAM_OFFICER", "PROVINCIAL_EXAM_OFFICER"}
CLERKS = {"CITY_RESULTS_CLERK", "PROVINCIAL_RESULTS_CLERK"}
CHECKERS = {"CITY_RESULTS_CHECKER", "PROVINCIAL_RESULTS_CHECKER"}
HEADS = {"CITY_HEAD", "PROVINCIAL_HEAD"}
ACCEPTANCE, DECISION = {"PROVINCIAL_ACCEPTANCE_CLERK"}, {"PROVINCIAL_DECISION_MAKER"}
DECIDERS = ACCEPTANCE | DECISION
SUPERVISOR, INSPECTOR = {"CITY_SUPERVISOR"}, {"PROVINCIAL_INSPECTOR"}
WINDOW = {"WINDOW_CLERK"}
ON_DUTY = {"INVIGILATOR", "EXAMINER", "SITE_STAFF"}
AUDITOR, ADMINISTRATOR = {"AUDITOR"}, {"ADMINISTRATOR"}
EVERYBODY = (
    *(FILER, REVIEWERS, OFFICERS, CLERKS, CHECKERS, HEADS, DECIDERS, SUPERVISOR, INSPECTOR, WINDOW, ON_DUTY),
    *(AUDITOR, ADMINISTRATOR),
)
ALL = set().union(*EVERYBODY)

ACTS: dict[str, set[str]] = {
    # institution filer: plans, rosters, applications, materials; answers returns
    "training.file_plans": FILER,
    "training.submit_rosters": FILER,
    # attendance, what it needs and what comes of it; answers to spot checks
    "training.manage_resources": FILER,
    "training.schedule": FILER,
    "training.record_attendance": FILER,
    "training.issue_proofs": FILER,
    "training.answer_checks": FILER,
    # city supervisor, provincial inspector: spot checks of classes; attendance that was closed
    "training.inspect": SUPERVISOR | INSPECTOR,
    "training.reopen_attendance": SUPERVISOR | INSPECTOR,
    "exams.application.file": FILER,
    # city reviewer: acknowledges and returns plans; preliminary and city review (the province has its own receipt)
    "training.answer_plans": REVIEWERS,
    "approvals.review_city": CITY_REVIEWER,
    # both tiers hand over what they prepared
    "approvals.hand_over": REVIEWERS,
    # exam officers: sessions, exam plans, rooms, seats, staff, tickets, sign-in lists, licence submission
    "exams.session.announce": OFFICERS,
    "exams.session.change": OFFICERS,
    "exams.session.arrange": OFFICERS,
    "exams.site.manage": OFFICERS,
    "exams.pool.assign": OFFICERS,
    "exams.hours.confirm": OFFICERS,
    "exams.plan.file": OFFICERS,
    "exams.plan.answer": {"PROVINCIAL_EXAM_OFFICER"},
    # whose duty a late thing is asks the provincial head to admit it
    "deadlines.ask_admission": FILER | OFFICERS,
    "approvals.prepare_licences": OFFICERS,
    "approvals.seal_dossiers": OFFICERS,
    # results: one enters, another checks and releases
    "exams.results.enter": CLERKS,
    "exams.results.check": CHECKERS,
    # staff of the day: the door, the record of the room; their own answer
    "exams.duty.answer": ON_DUTY,
    "exams.day.sign_in": ON_DUTY,
    "exams.day.record": {"INVIGILATOR", "EXAMINER"},
    "exams.day.correct": OFFICERS,
    "exams.staff.pool": OFFICERS,
    # incidents: who is there reports, the officer proposes; inspectors and supervisors tour, the organiser remedies
    "exams.incident.report": ON_DUTY | OFFICERS | INSPECTOR,
    "exams.incident.propose": OFFICERS,
    "exams.tour.inspect": SUPERVISOR | INSPECTOR,
    "exams.tour.answer": OFFICERS,
    # notes among those who work on a case, messages to whoever filed it
    "approvals.write_on_cases": REVIEWERS | DECIDERS,
    # provincial reviewer: direct and final review, return to city, objection
    "approvals.review_province": PROVINCIAL_REVIEWER,
    # whoever asked for a correction takes it back, whoever was asked answers: institutions, organisers for licences
    "approvals.withdraw_corrections": REVIEWERS | ACCEPTANCE,
    "approvals.answer_corrections": FILER | OFFICERS,
    # acceptance clerk: acceptance, corrections, reconciliation; serves what was decided
    "approvals.accept_licences": ACCEPTANCE,
    # who applied for somebody, or accepted it, puts on record that the applicant withdrew
    "approvals.withdraw_licences": OFFICERS | ACCEPTANCE,
    # and what rests on it: the register of certificates held elsewhere, and the names of people
    "approvals.import_register": ACCEPTANCE,
    "approvals.settle_names": ACCEPTANCE,
    "approvals.declare_facts": ACCEPTANCE | FILER,
    "approvals.serve_decisions": ACCEPTANCE,
    # the letter is handed over against signature by the institution, or by the authority
    "approvals.sign_for_decisions": ACCEPTANCE | FILER,
    # decision maker: decisions
    "approvals.decide_licences": DECISION,
    # who handles licences proposes that a certificate ends, tells and hears its holder
    "approvals.propose_endings": DECIDERS,
    "approvals.extend_certificates": DECISION,
    # who handles a case stops its clocks, and asks the head to extend its limit
    "approvals.pause_clocks": DECIDERS,
    "approvals.propose_extension": DECIDERS,
    # whoever works on a case proposes a bar, the provincial head bars
    "approvals.propose_bars": OFFICERS | REVIEWERS | ACCEPTANCE,
    # window clerk: cards
    "approvals.handle_cards": WINDOW,
    # administrator: accounts, calendar and catalogue data
    "portal.administer": ADMINISTRATOR,
    # prepared editions are the administrator's, the provincial head puts them into force
    "rules.prepare": ADMINISTRATOR,
    "notices.manage": ADMINISTRATOR,
    "exams.declarations.keep": ADMINISTRATOR,
    "deadlines.keep_calendar": ADMINISTRATOR,
    "jobs.run": ADMINISTRATOR,
}

# Everybody who judges others, heads included, declares what keeps them from it.
DECLARES = ALL - FILER - AUDITOR - ADMINISTRATOR
FOR_THEMSELVES: dict[str, set[str]] = {"organisations.declare_conflicts": DECLARES}

# What the heads approve and others prepare.
APPROVES: dict[str, set[str]] = {
    "rules.activate": {"PROVINCIAL_HEAD"},
    "deadlines.admit_late": {"PROVINCIAL_HEAD"},
    # assignment and acting-for in the own organisation
    "organisations.appoint_deputies": HEADS,
    "approvals.hold_dossiers": HEADS,
    "approvals.assign_cases": HEADS,
    "approvals.approve_extension": {"PROVINCIAL_HEAD"},
    "exams.incident.decide": HEADS,
    "exams.incident.review": {"PROVINCIAL_HEAD"},
    "exams.tour.suspend": HEADS,
    "approvals.impose_bars": {"PROVINCIAL_HEAD"},
    "approvals.revoke_certificates": {"PROVINCIAL_HEAD"},
    # the head approves where a setting asks
    "approvals.approve_decisions": {"PROVINCIAL_HEAD"},
    # the reasons that reviewers choose from
    "approvals.keep_reasons": {"PROVINCIAL_HEAD"},
}

# Stands in the row of the reviewer and in that of the head: it chooses who reviews, and judges nobody.
EITHER: dict[str, set[str]] = {
    "approvals.take_over": PROVINCIAL_REVIEWER | {"PROVINCIAL_HEAD"},
    # A second official, or the head, confirms what another drafted; never their own.
    "approvals.confirm_decisions": DECISION | {"PROVINCIAL_HEAD"},
    # The head revokes, another decision maker may cancel; never who proposed it.
    "approvals.decide_endings": DECISION | {"PROVINCIAL_HEAD"},
}

_CASE_WORKERS = FILER | REVIEWERS | OFFICERS | HEADS | DECIDERS | AUDITOR

READS: dict[str, set[str]] = {
    "portal.components": ADMINISTRATOR,
    "jobs.view": ADMINISTRATOR,
    # Who watches over what others saw.
    "records.view_accesses": AUDITOR | HEADS,
    "records.audit": AUDITOR,
    "organisations.view_declarations": DECLARES | AUDITOR,
    "separation.view": AUDITOR | {"PROVINCIAL_HEAD"},
    "portal.oversee": HEADS | SUPERVISOR | INSPECTOR | AUDITOR,
    "deadlines.view": ALL - ADMINISTRATOR,
    "deadlines.view_admissions": FILER | OFFICERS | REVIEWERS | HEADS | AUDITOR,
    "rules.view_editions": ADMINISTRATOR | AUDITOR | {"PROVINCIAL_HEAD"},
    "deadlines.plan": ALL - ADMINISTRATOR - WINDOW - ON_DUTY,
    "deadlines.board": ALL - ADMINISTRATOR - WINDOW - ON_DUTY,
    "training.view": _CASE_WORKERS | CLERKS | CHECKERS | SUPERVISOR | INSPECTOR,
    "training.reveal_numbers": _CASE_WORKERS | CLERKS | CHECKERS | SUPERVISOR | INSPECTOR,
    "exams.application.view": _CASE_WORKERS | INSPECTOR,
    "exams.declarations.view": FILER | REVIEWERS | OFFICERS | HEADS | INSPECTOR | AUDITOR | ADMINISTRATOR,
    "exams.session.view": _CASE_WORKERS | CLERKS | CHECKERS | INSPECTOR,
    "exams.ticket.print": OFFICERS | FILER,
    "exams.site.view": OFFICERS | HEADS | INSPECTOR | AUDITOR,
    "exams.pool.view": OFFICERS | HEADS | INSPECTOR | AUDITOR,
    "exams.plan.view": OFFICERS | HEADS | INSPECTOR | AUDITOR,
    "exams.duty.view": ON_DUTY,
    "exams.day.view": ON_DUTY | OFFICERS | CLERKS | CHECKERS | HEADS | INSPECTOR | AUDITOR,
    "exams.incident.view": FILER | ON_DUTY | OFFICERS | CLERKS | CHECKERS | HEADS | DECIDERS | INSPECTOR | AUDITOR,
    "exams.incident.paper": FILER | OFFICERS | HEADS | AUDITOR,
    "exams.tour.view": OFFICERS | HEADS | SUPERVISOR | INSPECTOR | AUDITOR,
    "exams.staff.view": OFFICERS | HEADS | INSPECTOR | AUDITOR,
    "exams.recheck.request": FILER,
    "exams.recheck.view": FILER | OFFICERS | CLERKS | CHECKERS | HEADS | INSPECTOR | AUDITOR,
    "exams.retake.view": FILER | OFFICERS | CLERKS | CHECKERS | HEADS | INSPECTOR | AUDITOR,
    "exams.results.view": OFFICERS | CLERKS | CHECKERS | HEADS | DECIDERS | INSPECTOR | AUDITOR,
    "approvals.view_reviews": REVIEWERS | HEADS | AUDITOR,
    "approvals.view_case": FILER | REVIEWERS | HEADS | DECIDERS | AUDITOR,
    "approvals.view_corrections": _CASE_WORKERS,
    "approvals.read_notes": REVIEWERS | HEADS | DECIDERS | AUDITOR,
    "approvals.view_licences": OFFICERS | DECIDERS | HEADS | AUDITOR,
    "approvals.view_clock_desk": DECIDERS | AUDITOR | {"PROVINCIAL_HEAD"},
    "approvals.view_clocks": _CASE_WORKERS,
    "approvals.view_decisions": _CASE_WORKERS,
    "approvals.view_certificates": _CASE_WORKERS,
    "approvals.view_persons": _CASE_WORKERS,
    "approvals.view_bars": _CASE_WORKERS,
    "approvals.view_endings": DECIDERS | AUDITOR | {"PROVINCIAL_HEAD"},
    "approvals.view_register_imports": DECIDERS | PROVINCIAL_REVIEWER | AUDITOR | {"PROVINCIAL_HEAD"},
    "approvals.view_cards": WINDOW | HEADS | AUDITOR,
    "approvals.view_dossiers": FILER | OFFICERS | REVIEWERS | HEADS | INSPECTOR | AUDITOR,
}
