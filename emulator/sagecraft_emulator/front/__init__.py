"""Where requests come in, and where an emulator is started and asked."""
