"""Programs of the machine as files: read, masked, debugged, and shown in words."""
