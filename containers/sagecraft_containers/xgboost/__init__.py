"""The container of the built-in XGBoost algorithm."""
