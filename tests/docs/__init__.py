"""The documentation: what is generated, its commands and snippets, the built site."""
