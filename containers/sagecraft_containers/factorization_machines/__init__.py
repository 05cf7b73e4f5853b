"""The container of AWS's factorization machines."""
