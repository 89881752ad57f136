"""What is kept of replies: allow-lists of fields, applied while a reply is parsed."""
