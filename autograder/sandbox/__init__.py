"""The sandbox: a warm zygote, confined children for untrusted code, and what this machine can confine.

Levels: ``ns`` (namespaces, a root of its own, Landlock where there is some, seccomp, limits), ``ll`` (Landlock, seccomp, limits) and
``none`` (a process of its own; *not* a security boundary).
"""

from autograder.sandbox.model import Death, Finding, Level, Profile
from autograder.sandbox.probe import available_levels, choose_level, diagnose
from autograder.sandbox.zygote import Zygote

__all__ = ["Death", "Finding", "Level", "Profile", "Zygote", "available_levels", "choose_level", "diagnose"]
