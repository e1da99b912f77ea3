"""The workspace as tensors: soft addressing, the controller that is trained through it, reads by embedding."""
