"""The code of the Lambda functions behind custom resources: the standard library and boto3 alone.

It is deployed as the package `handlers`, so modules in here import one another relatively, and nothing else of ours.
"""
