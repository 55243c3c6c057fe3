"""Checks (核验规则): small named rules that judge a person for a job type and kind, run the same way everywhere.

``catalogue`` holds them, ``subject`` what is judged and for what, ``known`` what the province knows already,
``running`` the one runner that roster upload, the form of a single trainee, the exam application and its review use.
"""
