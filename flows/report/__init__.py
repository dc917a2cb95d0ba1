"""Report: what a run did or a lake holds in, what people are told of it out: text, Markdown, JSON.

Reports are objects of JSON values with codes, made into sentences at the end, each phrase in one
place; nothing is read back out of a sentence. Nothing is written to the lake or decided here.
"""
