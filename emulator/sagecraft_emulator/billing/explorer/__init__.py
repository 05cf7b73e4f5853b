"""Cost Explorer: what was used and what it costs, by time, service, kind of use, tag."""
