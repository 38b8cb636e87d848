"""`likewise` and `python -m likewise`: answers `--version` before anything heavy is imported."""

import sys


def main() -> None:
    """Run the command line; the exit code says how it ended (see docs/reference/cli.md)."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from importlib.metadata import version

        sys.stdout.write(f"likewise {version('likewise')}\n")
        return
    from likewise.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
