"""What the policy decides about documents: which limits hold, and whether a figure is within."""
