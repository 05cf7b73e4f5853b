"""The records of an emulator in one file, and who holds that."""
