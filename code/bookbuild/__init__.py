"""What builds and checks the book."""
