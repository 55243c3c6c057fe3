from certification.jobs.models.leases import BeatLease
from certification.jobs.models.runs import JobRun, Outcome

__all__ = ["BeatLease", "JobRun", "Outcome"]
