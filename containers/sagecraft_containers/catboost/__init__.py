"""The container of JumpStart's CatBoost."""
