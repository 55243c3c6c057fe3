"""Inspection tours (巡考) by the province and the cities: checklist, findings, remedy, effect on the site."""
