from training.models.plans import PlanReceipt, PlanTeacher, TrainingPlan
from training.models.rosters import Roster, RosterReceipt, Trainee

__all__ = ["PlanReceipt", "PlanTeacher", "Roster", "RosterReceipt", "Trainee", "TrainingPlan"]
