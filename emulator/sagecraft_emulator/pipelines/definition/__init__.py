"""The definition of a pipeline, JSON of schema 2020-12-01: what it says, what is wrong with it, what it comes to."""
