"""One function per thing a user can ask for; the only place where the store and the science meet."""
