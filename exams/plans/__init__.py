"""Exam plans (考试计划): what an organiser files with the province, and what becomes of it when sessions move."""
