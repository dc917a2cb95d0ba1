"""What Tallybook does: one module a stage, and the flows that wire them."""
