from approvals.models.cards import CardRequest
from approvals.models.clocks import ClockNotice, ExtensionProposal
from approvals.models.decisions import Decision, DecisionOutcome
from approvals.models.dossiers import Dossier, DossierItem
from approvals.models.licences import LicenceApplicant, LicenceApplication, PlatformSending
from approvals.models.reviews import Outcome, Review, Stage

__all__ = [
    "CardRequest",
    "ClockNotice",
    "Decision",
    "DecisionOutcome",
    "Dossier",
    "DossierItem",
    "ExtensionProposal",
    "LicenceApplicant",
    "LicenceApplication",
    "Outcome",
    "PlatformSending",
    "Review",
    "Stage",
]
