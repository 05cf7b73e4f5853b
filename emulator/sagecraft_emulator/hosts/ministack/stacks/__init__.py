"""CloudFormation: types that are added or mended, and what becomes of an operation amid which all ends."""
