"""What is asked of Graph and Resource Manager, one module per kind of thing."""
