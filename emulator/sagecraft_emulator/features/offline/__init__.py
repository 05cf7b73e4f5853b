"""The offline store: all records ever, as Parquet in S3, and the table that describes them."""
