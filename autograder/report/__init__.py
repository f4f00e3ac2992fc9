"""What people see of a run: class page, feedback pages, tables and exports, all pure functions of records."""
