"""What citizens wrote: read under a series, counted, shown where nobody can be recognised."""
