"""`make chaos`: thousands of emails through real servers while whatever sends them is killed, by a plan from a seed."""
