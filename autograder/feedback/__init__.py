"""One exercise's outcome for its reader: plain text, an HTML fragment, a picture of the difference."""
