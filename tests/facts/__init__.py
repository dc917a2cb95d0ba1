"""The public figures that the tests hold the program against; README.md says whose they are."""
