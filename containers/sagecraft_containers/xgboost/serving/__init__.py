"""`serve` of the XGBoost container: by the algorithm itself, or by functions of the user's."""
