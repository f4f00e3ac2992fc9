"""Grades in nbgrader's gradebook: the steps of ``nbgrader autograde`` and the bulk writer; only ``library`` imports nbgrader."""
