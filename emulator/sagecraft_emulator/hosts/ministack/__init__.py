"""The embedded host: ministack in this process, with what it leaves out put right."""
