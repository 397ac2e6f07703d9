"""The three ways to log: set by set, as planned, and not at all. The action behind them decides what they mean."""
