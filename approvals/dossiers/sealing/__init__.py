"""Sealing a dossier: one PDF and one zip with an index of SHA-256, made once and never overwritten (rules 10).

What comes later is appended under a seal of its own that names the one before it, so that the newest digest proves
everything: ``acts`` (who may, when, in which transaction), ``items`` (what goes in), ``books`` (the PDF), ``archives``
(the zip and its indexes), ``later`` (what happens after the sealing), ``exporting`` (what goes out to whom),
``verifying`` (proving a zip without the system).
"""

from approvals.dossiers.sealing.acts import (
    ACTION,
    APPEND,
    SEAL,
    append,
    ask_to_append,
    ask_to_seal,
    do_append,
    do_seal,
    seal,
)

__all__ = ["ACTION", "APPEND", "SEAL", "append", "ask_to_append", "ask_to_seal", "do_append", "do_seal", "seal"]
