from approvals.models.assignments import Assignment, Ending, How
from approvals.models.bars import BarAppeal, BarCase, BarEvidence
from approvals.models.cards import CardBlank, CardDelivery, CardRequest
from approvals.models.clocks import ClockNotice, ExtensionProposal
from approvals.models.corrections import ACCEPTANCE_STAGE, CorrectionItem, CorrectionNotice
from approvals.models.decisions import Decision, DecisionOutcome, DecisionProposal, ServiceEvent
from approvals.models.documents import DocumentChange
from approvals.models.dossiers import Dossier, DossierAddition, DossierHold, DossierItem
from approvals.models.endings import EndingCase
from approvals.models.handovers import Handover, PreparedOpinion
from approvals.models.licences import AcceptanceNotice, LicenceApplicant, LicenceApplication, PlatformSending
from approvals.models.long_service import LongService
from approvals.models.notes import CaseMessage, InternalNote
from approvals.models.platform import PlatformReceipt, PlatformReturn
from approvals.models.reasons import ReasonText
from approvals.models.reviews import Outcome, Review, Stage
from approvals.models.takeovers import TakeOver
from approvals.models.views import Place, SavedView
from approvals.models.withdrawals import Withdrawal

__all__ = [
    "ACCEPTANCE_STAGE",
    "AcceptanceNotice",
    "Assignment",
    "BarAppeal",
    "BarCase",
    "BarEvidence",
    "CardBlank",
    "CardDelivery",
    "CardRequest",
    "CaseMessage",
    "ClockNotice",
    "CorrectionItem",
    "CorrectionNotice",
    "Decision",
    "DecisionOutcome",
    "DecisionProposal",
    "DocumentChange",
    "Dossier",
    "DossierAddition",
    "DossierHold",
    "DossierItem",
    "Ending",
    "EndingCase",
    "ExtensionProposal",
    "Handover",
    "How",
    "InternalNote",
    "LicenceApplicant",
    "LicenceApplication",
    "LongService",
    "Outcome",
    "Place",
    "PlatformReceipt",
    "PlatformReturn",
    "PlatformSending",
    "PreparedOpinion",
    "ReasonText",
    "Review",
    "SavedView",
    "ServiceEvent",
    "Stage",
    "TakeOver",
    "Withdrawal",
]
