"""The online store: the latest record of each identifier, and what asks for it and writes to it."""
