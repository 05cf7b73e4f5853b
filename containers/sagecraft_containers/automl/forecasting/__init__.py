"""AutoML jobs that forecast time series: the same steps as those of tables, of one program with them."""
