"""What imports add to the registries: tones of their states, names of logged steps."""

from certification.imports.models import Import
from certification.imports.states import ImportState
from certification.portal import timeline, tones
from certification.portal.tones import Tone


def register() -> None:
    """Fill the registries."""
    tones.register(
        Import._meta.label,
        {
            ImportState.ASKING: Tone.ATTENTION,
            ImportState.WAITING: Tone.UNDERWAY,
            ImportState.CHECKED: Tone.UNDERWAY,
            ImportState.SAVING: Tone.UNDERWAY,
            ImportState.SAVED: Tone.DONE,
            ImportState.REFUSED: Tone.REFUSED,
            ImportState.DISCARDED: Tone.WAITING,
        },
    )
    timeline.register(
        Import._meta.label,
        {
            "upload": "上传",
            "match_columns": "确认各列",
            "correct": "上传改正的行",
            "drop_rows": "去掉有误的行",
            "save": "提交保存",
            "discard": "放弃",
        },
    )
