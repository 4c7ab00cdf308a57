"""Ingest: log files, folders, archives and standard input become blocks of whole lines, sent to the store as they are.

Reading order: files (what to read), decompress (bytes), lines (whole, clean lines), load (to the store, and the count).
"""
