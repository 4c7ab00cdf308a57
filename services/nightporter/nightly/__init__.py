"""The night: close the day, learn, score, group, flag, explain, and the one task that runs it."""
