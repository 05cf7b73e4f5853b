"""What a noun says of itself in this room, so that nothing else has to know it.

Nothing here imports what takes long to load: the command reads it at every start, and Pulumi's part, which is
installed without the rest, reads it too.
"""
