"""`train` of the XGBoost container: boosting, on one host or several."""
