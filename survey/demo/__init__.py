"""A believable country with invented results, whose truth is known exactly."""
