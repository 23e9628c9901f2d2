"""What each command does, one module a noun; finished tasks, jobs, timers and messages meet in `advance`."""
