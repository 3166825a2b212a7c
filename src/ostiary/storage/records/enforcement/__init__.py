"""What is kept of enforcement, and the questions about whom it would lock out."""
