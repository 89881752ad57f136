"""SQL of the store: numbered migrations, and the views that are the product."""
