"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "分离检查",
        "task": "separation.scan",
        "crontab": "30 3 * * *",
        "description": "每日核对全部事项和角色是否符合分离要求；新发现的问题告知省厅负责人和审计员，每项一次。",
        "counts": {"new": "新发现", "found": "现有问题"},
    },
]
