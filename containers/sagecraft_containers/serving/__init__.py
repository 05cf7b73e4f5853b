"""The HTTP server of serving containers: what it asks of a model is in `predictor.py`."""
