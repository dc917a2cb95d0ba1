"""`python -m docs.generate`: write all that is generated, and say what changed."""

from docs.generate.pages import ROOT, generated


def main() -> None:
    """Write the pages and schemas whose text is not what it should be."""
    texts = generated()
    changed = [
        path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in changed:
        path.write_text(texts[path], "utf-8")
        print(path.relative_to(ROOT))
    print(f"{len(changed)} of {len(texts)} files written")


if __name__ == "__main__":
    main()
