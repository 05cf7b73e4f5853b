"""Schedules of EventBridge Scheduler: when they come round."""
