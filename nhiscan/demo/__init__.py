"""What `nhiscan demo` is made of: its folder, the sandbox beside it, and what it points out."""
