"""The store: schema, parsing and merging as SQL, and the two engines that run it."""
