"""What Tallybook declares, once: codes, columns, categories, languages, rules, known errors.

The stages and the pages for people take them from here; `dictionary` writes the generated pages.
Declarations and checks of declarations only: nothing of `flows` is imported.
"""
