"""What scripts import from the package of AWS's XGBoost container, by its name there."""
