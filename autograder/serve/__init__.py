"""A git remote that grades what is pushed: bare repositories, a receive hook, a durable queue and the daemon that works through it."""
