"""The commands about the emulator itself and this machine."""
