"""SMS: asking and being answered where there is no internet."""
