"""The Pythons of containers: interpreters, and the environments that stand for the packages of images."""
