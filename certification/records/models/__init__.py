from certification.records.models.files import Scan, StoredFile
from certification.records.models.numbers import NumberSeries
from certification.records.models.seals import LogSeal
from certification.records.models.transitions import TransitionLog

__all__ = ["LogSeal", "NumberSeries", "Scan", "StoredFile", "TransitionLog"]
