"""A made-up noun: all that an emulator needs to do flow definitions stands in this folder."""
