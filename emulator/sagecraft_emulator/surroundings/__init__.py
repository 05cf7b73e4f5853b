"""What a request names outside of SageMaker, and AWS looks at before it accepts it: roles, buckets, objects, images."""
