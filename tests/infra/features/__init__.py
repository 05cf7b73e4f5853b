"""The feature store, as it is deployed and told of."""
