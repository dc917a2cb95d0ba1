"""What is declared in the code, as pages for people: `python -m docs.generate` writes them."""
