"""HTTP only: parse, call one use case, render. No SQL and no arithmetic here."""
