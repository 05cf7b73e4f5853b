"""The scikit-learn container: script mode, on top of AWS's training and inference toolkits."""
