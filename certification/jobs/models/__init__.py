from certification.jobs.models.errands import Errand, ErrandState
from certification.jobs.models.leases import BeatLease
from certification.jobs.models.runs import JobRun, Outcome

__all__ = ["BeatLease", "Errand", "ErrandState", "JobRun", "Outcome"]
