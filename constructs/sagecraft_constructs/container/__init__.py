"""The container that trains, serves or processes: an image and where it comes from."""
