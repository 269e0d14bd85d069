"""Live evaluation: agents act in real web pages in a real browser, and each figure comes with its interval."""
