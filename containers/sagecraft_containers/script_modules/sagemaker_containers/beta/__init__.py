"""`beta` of the older toolkit: all that scripts import is in `framework`."""
