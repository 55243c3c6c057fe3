"""The papers of applications: attached, matched by file name, judged by content, signed texts, proofs of hours."""
