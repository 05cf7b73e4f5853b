"""The constants of AWS's XGBoost container."""
