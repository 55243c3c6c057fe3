from certification.rulebook.models.rules import Certainty, Rule, RuleEdition

__all__ = ["Certainty", "Rule", "RuleEdition"]
