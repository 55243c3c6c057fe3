"""Rules that only explain: what the plan or the law fixes and the programs do in every edition. They are shown with the
others, so that a reader finds every clause in one place; nothing follows from changing them. Every other rule that is
shipped is read by code."""

from certification.rulebook.models import Rule

EXPLAINING = frozenset(
    {
        ("catalogue", "count"),
        ("catalogue", "differences"),
        ("certificate", "number"),
        ("classification", "categories"),
        ("classification", "route"),
        ("deadline_counting", "backward"),
        ("deadline_counting", "provisional"),
        ("deadline_counting", "working_days"),
        ("decision", "authority"),
        ("decision", "correction_once"),
        ("decision", "reconciliation"),
        ("dossier", "one_per_session"),
        ("eligibility", "health_commitment"),
        ("eligibility", "no_parallel_application"),
        ("eligibility", "one_open_filing"),
        ("examination", "order"),
        ("examination", "organiser"),
        ("examination", "slots"),
        ("materials", "forged"),
        ("reminder", "default"),
        ("results", "two_people"),
        ("separation", "conflict_of_interest"),
        ("separation", "examination_and_review"),
        ("separation", "persons_not_accounts"),
        ("separation", "training_and_examination"),
        ("separation", "two_tiers_two_people"),
        ("training", "recipients"),
    }
)


def explains(rule: Rule) -> bool:
    """Whether the rule is there to be read by people alone."""
    return (rule.area, rule.code) in EXPLAINING
