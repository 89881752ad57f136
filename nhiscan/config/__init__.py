"""nhiscan.yaml and the files it names: checked whole, every problem with its file and line."""
