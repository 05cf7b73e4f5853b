"""The functions of the registry, against the control plane of the emulator."""
