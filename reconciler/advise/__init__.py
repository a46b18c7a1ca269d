"""What `init` and `doctor` say: a first file, or findings."""
