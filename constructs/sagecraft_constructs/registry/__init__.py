"""The model registry: groups of versions of a model, their approval, and who may see them."""
