"""Everything that a person sees. The only package that may import Qt; it knows neither SQL nor threads."""
