"""What an author works with: reference notebooks, their variants and the build of student notebooks."""
