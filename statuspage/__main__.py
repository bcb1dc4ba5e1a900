"""What does ``python -m statuspage`` do? The same as ``avviso``."""

from statuspage.cli import main

if __name__ == "__main__":
    main()
