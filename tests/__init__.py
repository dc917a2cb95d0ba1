"""The tests of Tallybook: one file per module, plus the reference series and the renderers."""
