"""Inspections on the spot by a checklist of the rules: findings, photographs, remedy within days, answer, judgement.

Training's spot checks and the exams' inspection tours are both made of this.
"""
