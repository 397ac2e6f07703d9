"""What `make run` and the tests need around Django: servers from wheels, processes that end with their parent."""
