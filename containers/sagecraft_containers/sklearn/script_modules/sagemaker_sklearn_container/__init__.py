"""What scripts import of AWS's scikit-learn container."""
