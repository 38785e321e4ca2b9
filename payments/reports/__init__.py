"""The books seen as a whole: the trial balance, whose columns are equal per asset, and the accounts as a tree with sums."""
