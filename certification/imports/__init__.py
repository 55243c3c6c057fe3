"""Imports: from an uploaded workbook to saved rows, the same way for whatever is imported.

Read, find the columns (and ask where unsure), check every row, preview, correct, save: long files in the background,
with progress, and whatever is killed on the way loses and repeats nothing. An app says what it imports as a
``Purpose``; see ``purposes``.
"""
