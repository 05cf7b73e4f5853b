"""What scripts import of the algorithm toolkit of AWS's XGBoost container."""
