"""Training: epochs of mini-batches, learning-rate schedules, stopping, and what is told along the way."""
