"""What goes over the wire. Here are names and types; what makes sense is decided by the actions."""
