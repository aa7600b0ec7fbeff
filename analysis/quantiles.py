"""Quantiles of the two distributions that intervals are made of."""


def t_quantile(df: float, level: float) -> float:
    """The number that Student's t of ``df`` degrees of freedom exceeds in size with chance 1 - ``level``."""
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + float(level)) / 2))


def normal_quantile(level: float) -> float:
    """The number that a standard normal variable exceeds in size with chance 1 - ``level``: 1.96 of 0.95."""
    from scipy.special import ndtri

    return float(ndtri((1 + float(level)) / 2))
