"""What the numbers mean: the read side between store and interface. The only place that knows weeks."""
