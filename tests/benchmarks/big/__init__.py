"""A province after ten years: millions of applications in a PostgreSQL database that is kept between runs.

python -m tests.benchmarks.big.server /tmp/bench5 &          a cluster in that folder, made where there is none
export DATABASE_URL=$(cat /tmp/bench5/address)
export DJANGO_SETTINGS_MODULE=tests.benchmarks.big.settings
python manage.py fill_benchmark                              3,000,000 applications, 30,000,000 rows of history
BENCHMARK_DATABASE_URL=$DATABASE_URL pytest tests/benchmarks/test_review_lists.py
"""
