"""Print the table of differences as Markdown."""

from .rendering import markdown

if __name__ == "__main__":
    print(markdown(), end="")
