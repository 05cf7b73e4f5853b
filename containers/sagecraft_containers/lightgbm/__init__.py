"""The container of JumpStart's LightGBM."""
