"""What was known about a login before it happened: fields, their codes, and the stream that reads them."""
