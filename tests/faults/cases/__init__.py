"""An app that exists only in fault tests: cases whose deadline passed, and a consequence that can be counted."""
