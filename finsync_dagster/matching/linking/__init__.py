"""Invoice lines with the order each bills, and the gates that keep one from being compared."""
