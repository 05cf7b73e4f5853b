"""What runs a container on this machine: images, programs, sandboxes, and talking to what runs in them."""
