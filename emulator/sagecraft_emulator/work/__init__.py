"""Runs the work: training jobs and endpoints as real processes on this machine."""
