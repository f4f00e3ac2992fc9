"""The units' tests; they decide grades, and run as ordinary tests on the references."""
