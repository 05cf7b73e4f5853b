"""Lineage: what came of what, as a graph of artifacts, actions, contexts and the steps of experiments."""
