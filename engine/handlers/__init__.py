"""What each command does, one module a noun; a completed task, job, timer and message all meet in `advance`."""
