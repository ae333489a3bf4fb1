"""Why it happens: latents, choices, signals and settlement as one probabilistic model."""
