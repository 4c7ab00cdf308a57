"""What collectors talk to: proves who sends, gathers a second's batches of all hosts, answers once they are stored."""
